import { systemTitle } from '../domain/systems.ts';
import { integrationOf } from '../integrations/registry.ts';
import type { Integration, Side } from '../store/types.ts';
import { commandFor } from './print.ts';
import { explain } from './reasons.ts';
import type { RecordRow } from './records.ts';
import type { Named } from './send.ts';

/** What became of a record that was to be carried over, in sentences. */
export function describeSent(integration: Integration, module: string, { id, refused, record, looked }: Named): string {
  if (refused === 'record-missing') return `There is no record ${id} in ${module}. Check the id in the system the record comes from.`;
  if (refused !== null) return `${module} ${id} was not sent. ${refused}: ${explain(refused).what} ${explain(refused).remedy}`;
  if (!record) return `${module} ${id} is not known.`;
  const { state, code, detail } = record;
  if (state === 'done') return describeDone(integration, record, looked);
  const { what, remedy } = explain(code);
  return `${describeRecord(record)} ${state === 'skipped' ? 'was left out' : state === 'waiting' ? 'waits' : state}. ${code ?? ''}: ${what} ${detail}. ${remedy}`;
}

function describeDone({ id: integrationId, kind }: Integration, record: RecordRow, looked: Named['looked']): string {
  const { module, id, side, partner } = record;
  const name = describeRecord(record);
  const titles: Readonly<Record<Side, string>> = { books: 'Books', other: systemTitle(integrationOf(kind).otherSystem) };
  const done = looked?.written === false ? 'has not changed since it was carried over; nothing was written' : 'was carried over';
  if (!partner || !looked) return `${name} ${done}.`;
  const there = titles[partner.side];
  const { reason, differences } = looked;
  if (reason) return `${name} ${done}. Not looked at in ${there}: ${reason.message} ${reason.remedy}`;
  if (isGone(record)) return `${name} ${done}, and ${nameOf(partner)} is not in ${there} any more. To make it anew: ${commandFor(integrationId, `reconcile --module ${module}`)}, then ${commandFor(integrationId, `retry --record ${id}`)}`;
  if (differences.length === 0) return `${name} is in step: ${nameOf(partner)}.${looked.written ? '' : ` It ${done}.`}`;
  const values = differences.map(({ field, expected, found }) => `${field} is "${found}" instead of "${expected}"`).join('; ');
  return `${name} ${done}. ${there} has ${nameOf(partner)}, which is not as it was written last: ${values}. ${whoseChanges(there, titles[side])}`;
}

/** Why a difference stays, and how to end it. */
function whoseChanges(there: string, here: string): string {
  return `Bookbridge writes only what changes in ${here}, so that what a person filled in in ${there} stays. Where it is wrong, correct it in ${there}.`;
}

/** Whether what was made of a record that is still there is gone. */
export function isGone({ deleted, partner }: RecordRow): boolean {
  return !deleted && partner?.status === 'deleted';
}

/** How a person is told which record is meant, such as `orders 1042 (Ada Martin)`. */
export function describeRecord({ module, id, name }: RecordRow): string {
  return `${module} ${id}${name === '' || name === id ? '' : ` (${name})`}`;
}

/** The same of its partner, such as `invoices INV-000042, draft`. */
export function nameOf({ resource, id, number, status }: NonNullable<RecordRow['partner']>): string {
  return `${resource} ${number ?? id}${status === null ? '' : `, ${status}`}`;
}
