import { BookbridgeError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Flow, FlowRecord, Known, Reference, Write } from '../integrations/integration.ts';
import { otherSide, type Change, type Ending, type Finding, type Outcome } from '../store/types.ts';
import { recordOf, type Prepared } from './batch.ts';
import type { Session } from './session.ts';

/**
 * Whether a change is to be carried over at all, without asking either system.
 *
 * @returns how it ends where it is not
 * @throws BookbridgeError of scope `record` where the record cannot be carried over
 */
export function judge({ context }: Session, flow: Flow, { change, record, references, error }: Prepared, known: Known): Ending | null {
  // What was deleted keeps its partner: documents may refer to it. The history says so.
  if (change.deleted) return endingOf(change, record.link ? 'deleted' : 'skipped');
  // What could not be read can be neither accepted nor left out.
  if (isUnread(flow, change)) throw error ?? new BookbridgeError('record-unreadable', { detail: `nothing of ${change.resource} ${change.recordId} could be read` });
  // It was accepted when it was read, or a person wants it to be tried again; settings may have changed since.
  const leftOut = flow.accept(recordOf(change), context);
  if (leftOut) return endingOf(change, 'skipped', leftOut);
  if (error) throw error;
  const missing = references.find((reference) => reference.required && !known.link(reference));
  return missing ? waiting(change, missing) : null;
}

/**
 * How a record looks on the other side, or how its change ends because it does not.
 *
 * @throws BookbridgeError of scope `record` where the record cannot be carried over
 */
export function mapRecord({ context }: Session, flow: Flow, change: Change, record: FlowRecord, known: Known): { ending: Ending } | { ending: null; mapped: Write } {
  const mapped = flow.map(record, known, context);
  if (mapped.kind === 'skip') return { ending: { ...endingOf(change, 'skipped', mapped.finding), notes: mapped.notes } };
  return { ending: null, mapped };
}

/** The record as its own system has it, where what came of it in a listing is only a part. One call, or none. */
export async function readWhole({ connectors }: Session, { isReadWhole }: Flow, record: FlowRecord): Promise<FlowRecord> {
  if (!isReadWhole) return record;
  const { side, resource, id } = record;
  const whole = await connectors[side].readable(resource).get(id);
  if (!whole) throw new BookbridgeError('record-gone', { detail: `${resource} ${id}` });
  return { ...record, data: whole.data };
}

function waiting(change: Change, { side, resource, id }: Reference): Ending {
  const finding: Finding = { code: 'reference-missing', detail: `waits for ${resource} ${id}` };
  return { ...endingOf(change, 'failed', finding), state: 'waiting', waitsFor: { side, resource, id } };
}

/**
 * The end of a change that cannot be carried over. Where that is because nothing could ever be read of a record it refers to, or of its partner,
 * it is carried over once that can be read.
 */
export function failedEnding(flow: Flow, { change, references }: Prepared, known: Known, { code, detail }: Finding): Ending {
  const ending = endingOf(change, 'failed', { code, detail });
  if (code !== 'record-unreadable') return ending;
  const partners = references.flatMap((reference) => known.link(reference)?.[otherSide(flow.side)] ?? []);
  const unread = [...references, ...partners].find((address) => isEmpty(known.data(address)));
  return unread ? { ...ending, state: 'waiting', waitsFor: { side: unread.side, resource: unread.resource, id: unread.id } } : ending;
}

/** Whether a record could not be read; of what is read whole before it is mapped, its id may be all that is stored. */
export function isUnread({ isReadWhole }: Flow, { data }: Change): boolean {
  return !isReadWhole && isEmpty(data);
}

function isEmpty(data: JsonObject | null): boolean {
  return data !== null && Object.keys(data).length === 0;
}

/** The end of a change that writes no link. */
export function endingOf(change: Change, outcome: Outcome, finding: Finding | null = null): Ending {
  const state = outcome === 'failed' ? 'failed' : outcome === 'skipped' ? 'skipped' : 'done';
  return { change, outcome, state, finding, notes: [], link: null, waitsFor: null };
}
