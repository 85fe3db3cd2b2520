import { addressText, type Address } from '../store/types.ts';
import type { Deps } from './deps.ts';
import { moduleOf, withSession, type StepRequest } from './session.ts';

interface RequestRecords extends StepRequest {
  /** Of the records that are asked for; null: all there are. */
  readonly ids: readonly string[] | null;
}

export interface Requested {
  readonly count: number;
  /** Ids that were asked for and cannot be carried over, each with a code of the error table; `record-missing` where there is no such record. */
  readonly refused: readonly { readonly id: string; readonly code: string }[];
}

const BATCH_RECORDS = 200;

/** Marks what a person asked for to be carried over. What is carried over already is passed by, so the step can be repeated. */
export async function requestRecords({ store, ...deps }: Deps, { integrationId, module: name, ids }: RequestRecords): Promise<Requested> {
  return withSession({ store, ...deps }, integrationId, 'bulk', async ({ integration, context }) => {
    const module = moduleOf(integration, name);
    const unseen = new Set(ids);
    const refused: { id: string; code: string }[] = [];
    let count = 0;
    for (const flow of module.flows.filter(({ onRequest }) => onRequest !== undefined)) {
      for (const resource of flow.resources(context)) {
        for (let after = 0; ;) {
          const changes = await store.requests.candidates(integrationId, { side: flow.side, resource }, ids, after, BATCH_RECORDS);
          const last = changes.at(-1);
          if (!last) break;
          after = last.id;
          const links = await store.links(integrationId, changes.map(({ recordId: id }): Address => ({ side: flow.side, resource, id })));
          const wanted = changes.filter(({ recordId: id, modifiedAt, data }) => {
            unseen.delete(id);
            const record = { id, modifiedAt, data };
            const finding = flow.accept(record, context) ?? flow.onRequest?.refuses?.(record, context) ?? null;
            if (finding && ids) refused.push({ id, code: finding.code });
            return finding === null && !links.has(addressText({ side: flow.side, resource, id }));
          });
          await store.requests.ask(integrationId, wanted, name);
          count += wanted.length;
        }
      }
    }
    return { count, refused: [...refused, ...[...unseen].map((id) => ({ id, code: 'record-missing' }))] };
  });
}
