import type { HistoryEntry } from '../store/operations.ts';
import { iso } from './time.ts';

/** An entry of the history for JSON. */
export function historyDocument({ atMs, ...entry }: HistoryEntry) {
  return { at: iso(atMs), ...entry };
}
