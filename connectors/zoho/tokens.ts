import { createHash } from 'node:crypto';
import { BookbridgeError } from '../../domain/errors.ts';
import type { ZohoAccounts, ZohoClient } from './accounts.ts';

/** What is kept of an authorisation. The store encrypts it. */
export interface StoredTokens {
  readonly refreshToken: string;
  readonly accessToken: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  /** Zoho gives no new token before this time (milliseconds since the epoch); null as a rule. */
  readonly refusedUntilMs: number | null;
}

/**
 * Where the tokens of one connection are kept, shared by all workers.
 *
 * The lease makes one worker renew while the others wait. It is a promise with an end: whoever dies holding it loses it by
 * the clock. Authorising the connection anew must store the new tokens *and* end any lease in one transaction, so that a
 * renewal of the old authorisation that is still under way cannot overwrite the new one.
 */
export interface TokenVault {
  /** The tokens as last written, or null where the connection is not authorised. */
  read(): Promise<StoredTokens | null>;
  /**
   * Stores the tokens if, in the same transaction, the lease is still held.
   *
   * @returns false, having stored nothing, where the lease has ended
   */
  write(tokens: StoredTokens, leaseId: string): Promise<boolean>;
  /**
   * Takes the lease where nobody holds it, or where the last holder's time is over.
   *
   * @returns an id that no other lease has, or null where somebody else holds it
   */
  lease(forMs: number): Promise<string | null>;
  /** Gives the lease back. A lease that has ended already is no error, and nobody else's lease is touched. */
  release(leaseId: string): Promise<void>;
}

/** Access tokens for one connection. */
export interface TokenSource {
  /**
   * A token that is good for this call; renewed first where it is about to end.
   *
   * @throws BookbridgeError `authorization-revoked`, `client-invalid`, `limit-token`, `system-unreachable`
   */
  accessToken(): Promise<string>;
  /**
   * Another token after the system has rejected this one. Renews only where no other caller or worker has done so since.
   *
   * @param rejected the token as {@link accessToken} gave it
   * @throws BookbridgeError as {@link accessToken}
   */
  renew(rejected: string): Promise<string>;
  /** Tells this authorisation from every other one, and nothing else of it. Absent where there is only one and it is short-lived. */
  grantId?(): Promise<string>;
}

interface TokenSourceOptions {
  readonly accounts: Pick<ZohoAccounts, 'refresh'>;
  readonly client: ZohoClient;
  readonly vault: TokenVault;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** How long one renewal may take: longer than the time-out of an HTTP call. */
  readonly leaseMs?: number;
  /** How often a worker looks whether another one's renewal is done. */
  readonly pollMs?: number;
  /** For so long tokens that were read are used without reading them again; a call under way uses what was there before it, too. */
  readonly keptMs?: number;
}

const earlyMs = 5 * 60_000;

/** Whether a token is to be renewed: less than five minutes, or than a quarter of its life where that is shorter, is left. */
export function isEnding(tokens: Pick<StoredTokens, 'issuedAtMs' | 'expiresAtMs'>, nowMs: number): boolean {
  const quarterMs = (tokens.expiresAtMs - tokens.issuedAtMs) / 4;
  return tokens.expiresAtMs - nowMs < Math.min(earlyMs, quarterMs);
}

/**
 * Makes the token source of one connection. A refresh token gives ten access tokens in ten minutes and no more, so a renewal
 * happens once: for all callers in this process by sharing one promise, for all workers by the lease in the vault.
 */
export function createTokenSource(options: TokenSourceOptions): TokenSource {
  const { vault, now, keptMs = 250 } = options;
  let flight: Promise<string> | undefined;
  let kept: { readonly tokens: StoredTokens; readonly readMs: number } | null = null;

  /** As they were a moment ago at most: they are wanted for every call, and change once an hour. */
  async function recent(): Promise<StoredTokens> {
    const readMs = now();
    if (kept && readMs >= kept.readMs && readMs - kept.readMs < keptMs) return kept.tokens;
    kept = null;
    const tokens = present(await vault.read());
    kept = { tokens, readMs };
    return tokens;
  }

  /** @param rejected a token that does not count as usable, or null */
  async function renewOnce(rejected: string | null): Promise<string> {
    kept = null;
    for (;;) {
      const joined = flight !== undefined;
      flight ??= renewShared(options, rejected).finally(() => { flight = undefined; kept = null; });
      const token = await flight;
      // A flight that began for another reason may have found the very token that this caller saw rejected.
      if (!joined || token !== rejected) return token;
    }
  }

  return {
    accessToken: async () => {
      const tokens = await recent();
      if (!isEnding(tokens, now())) return tokens.accessToken;
      try {
        return await renewOnce(null);
      } catch (error) {
        // A renewal ahead of time that has to wait is no reason to stop while the old token still works.
        const waits = error instanceof BookbridgeError && error.action !== 'person';
        if (waits && tokens.expiresAtMs > now()) return tokens.accessToken;
        throw error;
      }
    },
    renew: (rejected) => renewOnce(rejected),
    grantId: async () => createHash('sha256').update(present(await vault.read()).refreshToken).digest('base64url'),
  };
}

/** Renews under the lease, or waits for the worker that holds it. */
async function renewShared(options: TokenSourceOptions, rejected: string | null): Promise<string> {
  const { vault, now, sleep, leaseMs = 60_000, pollMs = 250 } = options;
  // Long enough to outlive a holder that died, and bounded by counting, so that a clock that stands still ends it too.
  const looks = Math.ceil((leaseMs * 1.5) / pollMs);
  for (let look = 0; look < looks; look++) {
    const leaseId = await vault.lease(leaseMs);
    if (leaseId !== null) {
      try {
        return await renewUnderLease(options, leaseId, rejected);
      } finally {
        await vault.release(leaseId);
      }
    }
    await sleep(pollMs);
    const tokens = present(await vault.read());
    if (isUsable(tokens, rejected, now())) return tokens.accessToken;
  }
  throw new BookbridgeError('system-unreachable', { detail: 'another worker has been renewing the access token of Zoho for too long' });
}

async function renewUnderLease({ accounts, client, vault, now }: TokenSourceOptions, leaseId: string, rejected: string | null): Promise<string> {
  const tokens = present(await vault.read());
  if (isUsable(tokens, rejected, now())) return tokens.accessToken;
  if (tokens.refusedUntilMs !== null && tokens.refusedUntilMs > now()) {
    throw new BookbridgeError('limit-token', { detail: 'Zoho Accounts gives no new access token yet', resumeAtMs: tokens.refusedUntilMs });
  }
  try {
    const grant = await accounts.refresh({ ...client, refreshToken: tokens.refreshToken });
    await vault.write({ refreshToken: tokens.refreshToken, refusedUntilMs: null, ...grant }, leaseId);
    return grant.accessToken;
  } catch (error) {
    if (error instanceof BookbridgeError && error.code === 'limit-token') {
      await vault.write({ ...tokens, refusedUntilMs: error.resumeAtMs ?? null }, leaseId);
    }
    throw error;
  }
}

function isUsable(tokens: StoredTokens, rejected: string | null, nowMs: number): boolean {
  return tokens.accessToken !== rejected && !isEnding(tokens, nowMs);
}

function present(tokens: StoredTokens | null): StoredTokens {
  if (tokens) return tokens;
  throw new BookbridgeError('authorization-revoked', { detail: 'the connection to Zoho is not authorised' });
}
