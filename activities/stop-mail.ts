import { DateTime, IANAZone } from 'luxon';
import { errorTable } from '../domain/errors.ts';
import { oneLine } from '../domain/text.ts';
import type { Stop } from '../store/notices.ts';
import type { ChangeCount } from '../store/operations.ts';
import type { Integration as StoredIntegration } from '../store/types.ts';

/** When a stop began and when it ends, in a few words, by the clock of the integration. */
export function stopTimes({ settings }: Pick<StoredIntegration, 'settings'>, { sinceMs, untilMs }: Pick<Stop, 'sinceMs' | 'untilMs'>): string {
  const moment = clockOf(settings);
  return `stopped at ${moment(sinceMs)}, ${untilMs === null ? 'goes on when somebody has acted' : `goes on at ${moment(untilMs)}`}`;
}

/**
 * The mail about a stop: which organization, what waits, since when, when it goes on, and what one can do.
 *
 * @param counts how many records are in which state
 */
export function stopMail(
  { id, organizationId, settings, facts }: Pick<StoredIntegration, 'id' | 'organizationId' | 'settings' | 'facts'>,
  stop: Pick<Stop, 'code' | 'sinceMs' | 'untilMs'>,
  counts: readonly ChangeCount[],
): { subject: string; text: string } {
  const { what, remedy } = errorTable[stop.code];
  const moment = clockOf(settings);
  const name = typeof facts['name'] === 'string' ? oneLine(facts['name']) : '';
  const organization = name === '' ? organizationId : `${name} (${organizationId})`;
  const isLimit = stop.untilMs !== null;
  const subject = `Bookbridge: ${name === '' ? id : `${name}, ${id},`} ${stop.untilMs === null ? 'has stopped and needs you' : `waits until ${moment(stop.untilMs)}`}`;
  const text = [
    isLimit ? `The integration ${id} has reached a limit and waits.` : `The integration ${id} has stopped, because it needs you.`,
    '',
    `Organization  ${organization} in Zoho Books`,
    `Why           ${what} (${stop.code})`,
    `Since         ${moment(stop.sinceMs)}`,
    `Goes on       ${stop.untilMs === null ? 'as soon as you have acted' : `by itself, at ${moment(stop.untilMs)} at the earliest`}`,
    '',
    ...waitingLines(stop.code === 'limit-share', counts),
    '',
    'What you can do',
    `  ${remedy}`,
    `  See where it stands: bookbridge status --integration ${id}`,
    '',
    'Nothing is lost, and nothing will be done twice. This is the only mail about this stop; it comes to',
    'you because the settings of the integration name your address as Email.',
  ].join('\n');
  return { subject, text: `${text}\n` };
}

function waitingLines(isShare: boolean, counts: readonly ChangeCount[]): string[] {
  const modules = new Map<string, number>();
  for (const { module, state, count } of counts) {
    if (state === 'pending' || state === 'waiting') modules.set(module, (modules.get(module) ?? 0) + count);
  }
  const width = Math.max(...[...modules.keys()].map(({ length }) => length), 0);
  const rows = [...modules].map(([module, count]) => `  ${module.padEnd(width)}  ${count.toLocaleString('en')} ${count === 1 ? 'record' : 'records'}`);
  return [
    'What waits',
    ...rows,
    `  ${rows.length === 0 ? 'No record that is known; what' : 'What'} has changed since the last look is read when it goes on.`,
    ...(isShare ? ['  Single documents do not wait, such as the invoice of a loaner or an order that was announced: the calls that are left are kept for them.'] : []),
  ];
}

/** Tells times such as "2026-03-01 09:05 America/Toronto": by the clock of the settings, and with its name, for the one who reads it may live anywhere. */
function clockOf({ timeZone }: StoredIntegration['settings']): (ms: number) => string {
  const zone = typeof timeZone === 'string' && IANAZone.isValidZone(timeZone) ? timeZone : 'UTC';
  return (ms) => `${DateTime.fromMillis(ms, { zone }).toFormat('yyyy-MM-dd HH:mm')} ${zone}`;
}
