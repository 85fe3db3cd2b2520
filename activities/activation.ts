import type { RemoteRecord, UnreadableRecord } from '../connectors/resource.ts';
import { BookbridgeError, errorTable, type Problem } from '../domain/errors.ts';
import type { ComparingRequirement, KeyRequirement, Listed, ReadRequirement, Requirement } from '../integrations/requirement.ts';
import type { Side } from '../store/types.ts';
import type { Connectors } from './connectors.ts';
import { patiently, type Patience } from './patience.ts';

interface Checked {
  /** Everything that is wrong, in the order of the requirements; warnings among them. */
  readonly problems: readonly Problem[];
  /** What was read of a resource. */
  readonly records: (side: Side, resource: string) => readonly RemoteRecord[];
}

/** What to name, and what to do, where a system gives no access at all. */
export interface AccessField {
  readonly field: string;
  /** Null: what the error table says. */
  readonly remedy: string | null;
}

/**
 * Looks at both systems before anything is stored or written, and says everything that is wrong at once. Each record and listing is
 * read once, and limits are waited for. A system that gives no access at all is one problem, not one for each of its requirements.
 *
 * @throws BookbridgeError that asks to wait for longer than that: nothing can be said at the moment
 */
export async function checkRequirements(connectors: Connectors, requirements: readonly Requirement[], access: Readonly<Record<Side, AccessField>>, patience: Patience): Promise<Checked> {
  const found = new Map<string, Listed>();
  const compared = requirements.filter((one): one is ComparingRequirement => one.read === 'compared');
  const asked = requirements.filter((one): one is AskedRequirement => one.read !== 'compared');
  const checks = (['books', 'other'] as const).map((side) => checkSide(asked.filter((one) => one.side === side), access[side], (requirement) => patiently(patience, () => check(connectors, requirement, found))));
  const problems = (await Promise.all(checks)).flat();
  const placesOf = (side: Side, resource: string) => [...found].filter(([place]) => place.startsWith(`${side}/${resource}/`));
  const records = (side: Side, resource: string) => placesOf(side, resource).flatMap(([, listed]) => listed.records);
  const unfit = compared
    .filter(({ between }) => between.every(({ side, resource }) => placesOf(side, resource).length > 0))
    .flatMap((one) => {
      const [left, right] = one.between;
      return one.judge(records(left.side, left.resource), records(right.side, right.resource));
    });
  return { problems: [...problems, ...unfit], records };
}

/** One that a system is asked about. */
type AskedRequirement = ReadRequirement | KeyRequirement;

async function checkSide(requirements: readonly AskedRequirement[], access: AccessField, checkOne: (requirement: AskedRequirement) => Promise<readonly Problem[]>): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const requirement of requirements) {
    try {
      const own = await checkOne(requirement);
      problems.push(...own);
      // Nothing of an organization that is not theirs can be read.
      if (own.some(({ code }) => code === 'organization-unknown')) return problems;
    } catch (error) {
      if (!(error instanceof BookbridgeError) || error.action === 'wait') throw error;
      const { code, detail, scope } = error;
      const isAccess = scope === 'connection' && code !== 'permission-missing';
      const { field, remedy } = isAccess ? access : { field: requirement.field, remedy: null };
      problems.push({ field, code, detail, remedy: remedy ?? errorTable[code].remedy, severity: 'error' });
      if (isAccess) return problems;
    }
  }
  return problems;
}

async function check({ books, other }: Connectors, requirement: AskedRequirement, found: Map<string, Listed>): Promise<readonly Problem[]> {
  const { side, resource } = requirement;
  const connector = side === 'books' ? books : other;
  if (requirement.read === 'key') return requirement.judge(await connector.writable(resource).keyState());
  const { read } = requirement;
  const place = `${side}/${resource}/${typeof read === 'string' ? read : read.id}`;
  const listed = found.get(place) ?? await readRecords(connector.readable(resource), read);
  found.set(place, listed);
  return requirement.judge(listed);
}

async function readRecords(resource: ReturnType<Connectors['books']['readable']>, read: { readonly id: string } | 'all' | 'some'): Promise<Listed> {
  if (typeof read !== 'string') {
    const record = await resource.get(read.id);
    return { records: record ? [record] : [], unreadable: [] };
  }
  const records: RemoteRecord[] = [];
  const unreadable: UnreadableRecord[] = [];
  let page: string | null = null;
  do {
    const listed = await resource.list({ since: null, page });
    records.push(...listed.records);
    unreadable.push(...listed.unreadable);
    page = read === 'all' ? listed.next : null;
  } while (page !== null);
  return { records, unreadable };
}

/**
 * @param problems as {@link checkRequirements} found them
 * @throws BookbridgeError with the code of the only error, or `settings-invalid` where there are several, naming all of them
 */
export function expectNoErrors(problems: readonly Problem[]): void {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  if (!first) return;
  const code = errors.every((error) => error.code === first.code) ? first.code : 'settings-invalid';
  throw new BookbridgeError(code, { detail: errors.map(({ field, detail }) => `${field}: ${detail}`).join('; '), problems: errors });
}
