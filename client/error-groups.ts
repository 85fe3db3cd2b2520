import type { ErrorCode } from '../domain/errors.ts';
import type { RecordStanding } from '../store/operations.ts';
import type { Integration } from '../store/types.ts';
import type { Local } from './open.ts';
import { explain } from './reasons.ts';

/** What did not get through for one reason, with what to do about it. */
export interface ErrorGroup {
  readonly code: ErrorCode;
  readonly count: number;
  readonly modules: readonly string[];
  readonly what: string;
  readonly remedy: string;
  readonly records: readonly RecordStanding[];
}

/** What did not get through, by reason, the most frequent first. */
export async function errorGroups({ store }: Pick<Local, 'store'>, { id }: Integration, filter: { module: string | undefined; code: ErrorCode | undefined; limit: number }): Promise<ErrorGroup[]> {
  const counts = (await store.operations.counts(id)).filter(({ state, code, module }) =>
    (state === 'failed' || state === 'waiting') && (filter.code ?? code) === code && (filter.module ?? module) === module);
  const codes = [...new Set(counts.flatMap(({ code }) => (code === null ? [] : [code])))];
  const groups = await Promise.all(codes.map(async (code): Promise<ErrorGroup> => {
    const own = counts.filter((count) => count.code === code);
    return {
      code, count: own.reduce((sum, { count }) => sum + count, 0), modules: [...new Set(own.map(({ module }) => module))], ...explainPlain(code),
      records: await store.operations.problems(id, { ...filter, code }),
    };
  }));
  return groups.sort((left, right) => right.count - left.count);
}

function explainPlain(code: ErrorCode): { what: string; remedy: string } {
  const { what, remedy } = explain(code);
  return { what, remedy };
}
