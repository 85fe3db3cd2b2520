import type { StoredTokens, TokenVault } from '../../connectors/zoho/tokens.ts';

export interface MemoryVault extends TokenVault {
  tokens: StoredTokens | null;
  /** How often tokens were stored. */
  writes: number;
}

/** The tokens of one connection in memory, with the lease rules that {@link TokenVault} asks for. */
export function createMemoryVault(tokens: StoredTokens | null, now: () => number = Date.now): MemoryVault {
  let lease: { id: string; untilMs: number } | null = null;
  let leases = 0;
  const holds = (leaseId: string) => lease?.id === leaseId && lease.untilMs > now();
  const vault: MemoryVault = {
    tokens,
    writes: 0,
    read: () => Promise.resolve(vault.tokens),
    write: (written, leaseId) => {
      if (!holds(leaseId)) return Promise.resolve(false);
      vault.tokens = written;
      vault.writes++;
      return Promise.resolve(true);
    },
    lease: (forMs) => {
      if (lease && lease.untilMs > now()) return Promise.resolve(null);
      lease = { id: `lease-${++leases}`, untilMs: now() + forMs };
      return Promise.resolve(lease.id);
    },
    release: (leaseId) => {
      if (lease?.id === leaseId) lease = null;
      return Promise.resolve();
    },
  };
  return vault;
}
