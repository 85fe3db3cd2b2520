import { setTimeout as delay } from 'node:timers/promises';

/** Waits until something has happened; the time-out of the test is its only bound. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(3);
}
