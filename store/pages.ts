import type { Insertable, Transaction } from 'kysely';
import { canonicalJson } from '../domain/json.ts';
import { wakeWaiting } from './changes.ts';
import { storedText } from './rows.ts';
import type { Tables } from './schema.ts';
import { addressText, type Place, type SeenRecord } from './types.ts';
import { fingerprintOf, NO_DATA, UNREADABLE } from './versions.ts';

/** What one page of a pass brought. */
export interface PageCounts {
  /** Records whose content is new, without those that a person had withdrawn. */
  readonly changedIds: ReadonlySet<string>;
  /** Records whose content is as before, without those that are only observed. */
  readonly unchanged: number;
}

type NewRow = Insertable<Tables['changes']>;

/**
 * Writes one page of records. A record whose content is as before stays as it is; an older version never replaces a newer one.
 *
 * @param trx the integration's own transaction: what is compared must not change before it is written
 * @param records what the page held, each with what is to become of it
 * @param pass the number of the pass, so that a full pass can tell which records it did not meet
 */
export async function recordPage(
  trx: Transaction<Tables>,
  integrationId: string,
  place: Place,
  records: readonly SeenRecord[],
  pass: number,
): Promise<PageCounts> {
  if (records.length === 0) return { changedIds: new Set(), unchanged: 0 };
  const ids = [...new Set(records.map((record) => record.id))];
  const known = await trx
    .selectFrom('changes')
    .select(['record_id', 'fingerprint', 'modified_at', 'state', 'code', 'detail'])
    .where('integration_id', '=', integrationId)
    .where('side', '=', place.side)
    .where('resource', '=', place.resource)
    .where('record_id', 'in', ids)
    .execute();
  const knownById = new Map(known.map((row) => [row.record_id, row]));
  const rows = new Map<string, NewRow>();
  const wanted = new Set<string>();
  const readable = new Set<string>();
  let unchanged = 0;
  for (const record of records) {
    const earlier = rows.get(record.id);
    const row = rowOf(integrationId, place, record, pass);
    const before = earlier ?? knownById.get(record.id);
    if (before && (isSame(before, row) || isOlder(record.modifiedAt, before.modified_at ?? null))) {
      if (record.state !== 'observed') unchanged += 1;
      if (record.state === 'pending') wanted.add(record.id);
    } else {
      const known = { ...row, ...standing(before, record) };
      rows.set(record.id, row.data === NO_DATA && earlier ? { ...known, data: earlier.data } : known);
      if (before?.fingerprint === UNREADABLE && row.data !== NO_DATA) readable.add(addressText({ ...place, id: record.id }));
    }
  }
  await upsertRows(trx, [...rows.values()]);
  if (readable.size > 0) await wakeWaiting(trx, integrationId, [...readable]);
  const met = ids.filter((id) => !rows.has(id));
  if (met.length > 0) await markMet(trx, integrationId, place, met, pass);
  if (wanted.size > 0) await wantObserved(trx, integrationId, place, [...wanted]);
  return { changedIds: new Set([...rows].flatMap(([id, { state }]) => (state === 'withdrawn' ? [] : [id]))), unchanged };
}

type Standing = Pick<NewRow, 'fingerprint' | 'state' | 'code' | 'detail'>;

/** What becomes of a record of which a newer version arrived, where that depends on what it was before. */
function standing(before: Standing | undefined, { state, deleted }: SeenRecord): Omit<Standing, 'fingerprint'> | null {
  if (!before) return null;
  if (before.state === 'withdrawn') return { state: before.state, code: before.code ?? null, detail: before.detail ?? null };
  // What somebody wants to be carried over still is, although nobody would want it because of this version alone.
  const isWanted = before.fingerprint !== UNREADABLE && (before.state === 'pending' || before.state === 'waiting' || before.state === 'failed');
  return state === 'observed' && !deleted && isWanted ? { state: 'pending', code: null, detail: null } : null;
}

/** What was only observed is carried over now that it is met where it is to be: nothing about the record itself has changed. */
async function wantObserved(trx: Transaction<Tables>, integrationId: string, place: Place, ids: readonly string[]): Promise<void> {
  await trx
    .updateTable('changes')
    .set({ module: place.module, state: 'pending', code: null, detail: null, attempts: 0, due_ms: 0, waits_for: null })
    .where('integration_id', '=', integrationId)
    .where('side', '=', place.side)
    .where('resource', '=', place.resource)
    .where('record_id', 'in', ids)
    .where('state', '=', 'observed')
    .execute();
}

function rowOf(integrationId: string, place: Place, record: SeenRecord, pass: number): NewRow {
  const data = canonicalJson(record.data);
  const code = record.finding?.code ?? null;
  return {
    ...place, integration_id: integrationId, record_id: record.id, modified_at: record.modifiedAt,
    fingerprint: record.state === 'failed' ? UNREADABLE : fingerprintOf(code, record.deleted, data),
    data, deleted: record.deleted ? 1 : 0, state: record.state, code, detail: record.finding && storedText(record.finding.detail),
    attempts: 0, due_ms: 0, waits_for: null, pass,
  };
}

async function upsertRows(trx: Transaction<Tables>, rows: NewRow[]): Promise<void> {
  if (rows.length === 0) return;
  await trx
    .insertInto('changes')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['integration_id', 'side', 'resource', 'record_id']).doUpdateSet((eb) => ({
        module: eb.ref('excluded.module'), modified_at: eb.ref('excluded.modified_at'), fingerprint: eb.ref('excluded.fingerprint'),
        // What was deleted, or cannot be read, brings no fields; what is known of it stays, because documents still refer to it.
        data: eb.case().when('excluded.data', '=', NO_DATA).then(eb.ref('changes.data')).else(eb.ref('excluded.data')).end(),
        deleted: eb.ref('excluded.deleted'), state: eb.ref('excluded.state'),
        code: eb.ref('excluded.code'), detail: eb.ref('excluded.detail'), attempts: 0, due_ms: 0, waits_for: null,
        pass: eb.case().when('changes.pass', '>', eb.ref('excluded.pass')).then(eb.ref('changes.pass')).else(eb.ref('excluded.pass')).end(),
      })),
    )
    .execute();
}

/** A reader that was overtaken must not undo that a later pass met the record. */
async function markMet(trx: Transaction<Tables>, integrationId: string, place: Place, ids: readonly string[], pass: number): Promise<void> {
  await trx
    .updateTable('changes')
    .set({ pass })
    .where('integration_id', '=', integrationId)
    .where('side', '=', place.side)
    .where('resource', '=', place.resource)
    .where('record_id', 'in', ids)
    .where('pass', '<', pass)
    .execute();
}

/** What cannot be read is so for another reason, or once more after it was tried again: then it is told once more. */
function isSame(before: Standing, row: NewRow): boolean {
  return before.fingerprint === row.fingerprint && (row.fingerprint !== UNREADABLE || before.code === row.code);
}

function isOlder(candidate: string | null, known: string | null): boolean {
  if (candidate === null || known === null) return false;
  return Date.parse(candidate) < Date.parse(known);
}
