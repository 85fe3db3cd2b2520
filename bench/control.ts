import { z } from 'zod';

const summarySchema = z.object({ calls: z.number(), limited: z.number(), byRoute: z.record(z.string(), z.number()), byStatus: z.record(z.string(), z.number()) });
const entrySchema = z.object({ n: z.number(), at: z.string(), method: z.string(), path: z.string(), query: z.string(), route: z.string(), status: z.number() });

export type Summary = z.output<typeof summarySchema>;
export type LogEntry = z.output<typeof entrySchema>;

/** A simulator's control routes: they count towards nothing. */
export interface Control {
  readonly url: string;
  summary(): Promise<Summary>;
  /** Calls after the first `n`, oldest first. */
  log(after: number): Promise<LogEntry[]>;
  /** Number of the last call. */
  position(): Promise<number>;
  forgetLog(): Promise<void>;
  setLimits(limits: Record<string, unknown>): Promise<void>;
  tokens(): Promise<string>;
  /** @param organization whose books; a shop has none */
  state(organization?: string): Promise<Record<string, unknown>>;
  /** What a person does in the pages of Books. */
  person(method: string, path: string, organizationId: string, json?: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** What happens in a shop: `orders` places one, and so on (simulators/shop/control.ts). */
  happen(what: string, body: unknown): Promise<void>;
  /** Lets planned loaners happen. */
  makeLoaners(count: number): Promise<void>;
}

export function controlOf(url: string): Control {
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${url}/_simulator/${path}`, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  const summary = async () => summarySchema.parse(await ask('GET', 'summary'));
  return {
    url, summary,
    log: async (after) => z.object({ entries: z.array(entrySchema) }).parse(await ask('GET', `log?after=${after}`)).entries,
    position: async () => (await summary()).calls,
    forgetLog: async () => { await ask('DELETE', 'log'); },
    setLimits: async (limits) => { await ask('POST', 'limits', limits); },
    tokens: async () => z.object({ accessToken: z.string() }).parse(await ask('POST', 'tokens', {})).accessToken,
    state: async (organization) => z.record(z.string(), z.unknown()).parse(await ask('GET', organization === undefined ? 'state' : `state?organization=${organization}`)),
    person: async (method, path, organizationId, json) => z.record(z.string(), z.unknown()).parse(await ask('POST', 'person', { method, path, organizationId, ...(json && { json }) })),
    happen: async (what, body) => { await ask('POST', what, body); },
    makeLoaners: async (count) => { await ask('POST', 'loaners', { count }); },
  };
}
