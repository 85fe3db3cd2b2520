import type { LogEntry } from '../../simulators/kit/log.ts';
import type { Simulator } from '../../simulators/kit/simulator.ts';

/** The calls that arrived at a simulator while something was done, without those for tokens. */
export async function callsDuring(simulator: Simulator, work: () => Promise<unknown>): Promise<LogEntry[]> {
  const before = simulator.log().at(-1)?.n ?? 0;
  await work();
  return simulator.log(before).filter(({ path }) => !path.startsWith('/oauth'));
}

/** How often each route was called: `{"PUT /books/v3/contacts": 12}`. */
export function byRoute(calls: readonly LogEntry[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(calls, ({ route }) => route)].map(([route, entries]) => [route, entries.length]));
}
