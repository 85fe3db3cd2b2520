/** What an authorisation is known not to be allowed. */
export interface ScopeMemory {
  isEmpty(): boolean;
  /** The key is authorisation and route; null, where the authorisation is not known, is never remembered. */
  isMissing(key: string | null, nowMs: number): boolean;
  remember(key: string | null, nowMs: number): void;
  forget(key: string | null): void;
}

/** A user's rights in Books can be mended without a new authorisation, so what was seen is believed for this long. */
const believedForMs = 60 * 60_000;

/**
 * Remembers for which routes a fresh token was refused, too. Code 57 comes for a dead token and for a missing scope alike; asking a
 * fresh token each time would spend one of the ten that ten minutes allow.
 */
export function createScopeMemory(): ScopeMemory {
  const seen = new Map<string, number>();
  return {
    isEmpty: () => seen.size === 0,
    isMissing: (key, nowMs) => {
      const atMs = key === null ? undefined : seen.get(key);
      return atMs !== undefined && nowMs - atMs < believedForMs;
    },
    remember: (key, nowMs) => {
      if (key !== null) seen.set(key, nowMs);
      for (const [old, atMs] of seen) if (nowMs - atMs >= believedForMs) seen.delete(old);
    },
    forget: (key) => {
      if (key !== null) seen.delete(key);
    },
  };
}

/** The memory of this process: connectors are made anew for every step. */
export const processScopeMemory = createScopeMemory();
