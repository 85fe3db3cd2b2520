import type { Purpose, Taken } from './quotas.ts';

/** For so long a call that was granted ahead may be made, and so late at most its end is written, milliseconds. */
const AHEAD_MS = 100;

/** What became of calls that were granted ahead, by their ids. */
export interface Settled {
  readonly ended: readonly string[];
  /** Never made, and given back. */
  readonly unused: readonly string[];
}

export type Granted = { readonly granted: true; readonly callIds: readonly [string, ...string[]] } | Extract<Taken, { granted: false }>;

interface Written {
  /** Settles and takes, in one transaction; more than one call only while the quota is far from all of its limits. */
  readonly take: (id: string, purpose: Purpose, settled: Settled) => Promise<Granted>;
  readonly settle: (id: string, settled: Settled) => Promise<void>;
  readonly end: (callId: string) => Promise<void>;
}

/** What one process holds of one quota. */
interface Held {
  readonly spare: { readonly callId: string; readonly purpose: Purpose; readonly grantedMs: number }[];
  readonly ended: string[];
  readonly unused: string[];
  /** The last calls came several at once, or none came yet. */
  isFar: boolean;
  filling: Promise<unknown> | null;
  timer: NodeJS.Timeout | null;
}

/**
 * Takes calls several at a time while a quota is far from its limits, because a transaction for each call, and another one for its end,
 * costs more than all else that is done for a record. What is held counts as under way, so a quota is never given out twice. Near a
 * limit every call is taken and ended by itself.
 *
 * @param now milliseconds since the epoch
 */
export function createAhead({ take, settle, end }: Written, now: () => number) {
  const quotas = new Map<string, Held>();
  /** Calls under way that came several at once. */
  const underWay = new Map<string, { id: string; held: Held }>();

  const heldOf = (id: string): Held => {
    const held = quotas.get(id) ?? { spare: [], ended: [], unused: [], isFar: true, filling: null, timer: null };
    quotas.set(id, held);
    return held;
  };

  /** Has the database told soon, unless the next calls that are taken tell it before. */
  function settleSoon(id: string, held: Held): void {
    held.timer ??= setTimeout(() => {
      held.timer = null;
      dropSpare(held);
      // What could not be written waits for the next time.
      void settling(held, (settled) => settle(id, settled)).catch(() => settleSoon(id, held));
    }, AHEAD_MS).unref();
  }

  async function takeAndSettle(id: string, purpose: Purpose, held: Held): Promise<Taken> {
    const grantedMs = now();
    const taken = await settling(held, (settled) => take(id, purpose, settled));
    held.isFar = taken.granted && taken.callIds.length > 1;
    if (!taken.granted) return taken;
    const [callId, ...more] = taken.callIds;
    if (more.length > 0) {
      underWay.set(callId, { id, held });
      for (const spareId of more) held.spare.push({ callId: spareId, purpose, grantedMs });
      held.timer?.refresh();
      settleSoon(id, held);
    }
    return { granted: true, callId };
  }

  return {
    async take(id: string, purpose: Purpose): Promise<Taken> {
      const held = heldOf(id);
      for (;;) {
        const callId = nextSpare(held, purpose, now());
        if (callId !== null) {
          underWay.set(callId, { id, held });
          return { granted: true, callId };
        }
        if (held.filling === null) break;
        await held.filling.catch(() => undefined);
      }
      const taking = takeAndSettle(id, purpose, held);
      // Who comes meanwhile waits for what is left over; near a limit, nothing is.
      if (!held.isFar) return taking;
      held.filling = taking;
      return taking.finally(() => { held.filling = null; });
    },
    async end(callId: string): Promise<void> {
      const call = underWay.get(callId);
      if (!call) return end(callId);
      underWay.delete(callId);
      call.held.ended.push(callId);
      settleSoon(call.id, call.held);
    },
    /** Does something to a quota after which nothing that was granted before may be used any more. */
    settled: <T>(id: string, work: (settled: Settled) => Promise<T>): Promise<T> => {
      const held = heldOf(id);
      dropSpare(held);
      // Also what was granted while this was under way.
      return settling(held, work).finally(() => dropSpare(held));
    },
    async close(): Promise<void> {
      for (const [id, held] of quotas) {
        if (held.timer) clearTimeout(held.timer);
        dropSpare(held);
        await settling(held, (settled) => settle(id, settled));
      }
    },
  };
}

function nextSpare({ spare, unused }: Held, purpose: Purpose, nowMs: number): string | null {
  for (let index = 0; index < spare.length;) {
    const found = spare[index];
    if (!found || found.purpose !== purpose) {
      index += 1;
      continue;
    }
    spare.splice(index, 1);
    const ageMs = nowMs - found.grantedMs;
    if (ageMs >= 0 && ageMs < AHEAD_MS) return found.callId;
    unused.push(found.callId);
  }
  return null;
}

function dropSpare({ spare, unused }: Held): void {
  unused.push(...spare.splice(0).map(({ callId }) => callId));
}

/** Hands over what is to be settled, and has it again where that failed. */
async function settling<T>(held: Held, work: (settled: Settled) => Promise<T>): Promise<T> {
  const settled = { ended: held.ended.splice(0), unused: held.unused.splice(0) };
  try {
    return await work(settled);
  } catch (error) {
    held.ended.push(...settled.ended);
    held.unused.push(...settled.unused);
    throw error;
  }
}
