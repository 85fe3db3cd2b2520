import { z } from 'zod';
import { seededRandom, type Random } from './random.ts';

/**
 * What can go wrong. Before the request takes effect: `error-before` (500), `unauthorized`, the limits, `html` (a page of a proxy
 * in place of JSON), `hang` (no answer at all), `reset` (connection destroyed). After it took effect: `lost-answer` (connection
 * destroyed) and `malformed` (half of the JSON). `slow` takes effect, later.
 */
const faultKinds = [
  'lost-answer', 'error-before', 'hang', 'slow', 'malformed', 'html', 'unauthorized',
  'limit-minute', 'limit-blocked', 'limit-day', 'limit-concurrent', 'reset',
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** The kinds whose answer is the service's own. */
export type ServiceFaultKind = Exclude<FaultKind, 'lost-answer' | 'hang' | 'slow' | 'malformed' | 'html' | 'reset'>;

export const faultSchema = z.strictObject({
  /** Method (or `*`), a blank, and the beginning of the path: `PUT /books/v3/contacts`, `* /`. */
  route: z.string().regex(/^(\*|[A-Z]+) \/\S*$/, 'is not a method and a path'),
  kind: z.enum(faultKinds),
  probability: z.number().min(0).max(1).default(1),
  seed: z.number().int().default(1),
  /** After so many hits the fault is over. */
  times: z.number().int().positive().optional(),
  /** For `slow`; 1,000 unless told. */
  delayMs: z.number().int().nonnegative().optional(),
});

export type Fault = z.input<typeof faultSchema>;

type CheckedFault = z.output<typeof faultSchema>;

interface ActiveFault {
  readonly id: number;
  readonly fault: CheckedFault;
  readonly method: string;
  readonly path: string;
  readonly random: Random;
  hits: number;
}

/** The faults that are injected now. */
export interface Faults {
  add(fault: Fault): number;
  /** Ends one fault, or all. */
  remove(id?: number): void;
  list(): unknown[];
  /** The fault that hits this call, if any. The first that hits wins; each throws its own dice, so others do not shift them. */
  strike(method: string, path: string): CheckedFault | null;
}

export function createFaults(): Faults {
  let active: ActiveFault[] = [];
  let lastId = 0;
  return {
    add: (input) => {
      const fault = faultSchema.parse(input);
      const [method = '*', path = '/'] = fault.route.split(' ');
      lastId += 1;
      active.push({ id: lastId, fault, method, path, random: seededRandom(fault.seed), hits: 0 });
      return lastId;
    },
    remove: (id) => {
      active = id === undefined ? [] : active.filter((entry) => entry.id !== id);
    },
    list: () => active.map(({ id, fault, hits }) => ({ id, ...fault, hits })),
    strike: (method, path) => {
      for (const entry of active) {
        if (entry.method !== '*' && entry.method !== method) continue;
        if (!path.startsWith(entry.path)) continue;
        if (entry.fault.times !== undefined && entry.hits >= entry.fault.times) continue;
        if (entry.random() >= entry.fault.probability) continue;
        entry.hits += 1;
        return entry.fault;
      }
      return null;
    },
  };
}
