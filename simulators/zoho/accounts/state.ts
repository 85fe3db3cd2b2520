import { randomBytes } from 'node:crypto';
import { createSlidingWindow, type SlidingWindow } from '../../kit/window.ts';
import type { AccountsLimits, Client } from '../options.ts';

/** An authorization code: single use, short life. */
interface Code {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly offline: boolean;
  readonly expiresAtMs: number;
}

/** A refresh token and what was made from it. It lives until it is revoked. */
interface Grant {
  readonly refreshToken: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Access tokens, oldest first. */
  accessTokens: string[];
  readonly made: SlidingWindow;
}

interface AccessToken {
  readonly scopes: readonly string[];
  readonly expiresAtMs: number;
}

/** What Zoho accounts knows. One user, who belongs to every organization of the simulator. */
export interface AccountsState {
  readonly clients: ReadonlyMap<string, Client>;
  limits: AccountsLimits;
  readonly codes: Map<string, Code>;
  readonly codesMade: Map<string, SlidingWindow>;
  /** By refresh token, oldest first. */
  readonly grants: Map<string, Grant>;
  readonly accessTokens: Map<string, AccessToken>;
}

export function createAccountsState(clients: readonly Client[], limits: AccountsLimits): AccountsState {
  return {
    clients: new Map(clients.map((client) => [client.clientId, client])),
    limits,
    codes: new Map(),
    codesMade: new Map(),
    grants: new Map(),
    accessTokens: new Map(),
  };
}

/** A token in Zoho's form: `1000.` and two runs of hexadecimal digits. */
export function newToken(): string {
  return `1000.${randomBytes(16).toString('hex')}.${randomBytes(16).toString('hex')}`;
}

/** Makes a refresh token; beyond the number a user may have, the oldest ends, used or not (Zoho Books API v3, OAuth). */
export function addGrant(state: AccountsState, clientId: string, scopes: readonly string[]): Grant {
  const grant: Grant = { refreshToken: newToken(), clientId, scopes, accessTokens: [], made: createSlidingWindow() };
  state.grants.set(grant.refreshToken, grant);
  while (state.grants.size > state.limits.refreshTokens) {
    const oldest = state.grants.keys().next().value;
    if (oldest === undefined) break;
    revokeGrant(state, oldest);
  }
  return grant;
}

/** Makes an access token; with a grant, its oldest ends when there are too many, and the grant's window counts one. */
export function addAccessToken(state: AccountsState, scopes: readonly string[], grant: Grant | null): string {
  const token = newToken();
  state.accessTokens.set(token, { scopes, expiresAtMs: Date.now() + state.limits.tokenLifeMs });
  if (grant) {
    grant.made.add(Date.now());
    grant.accessTokens.push(token);
    while (grant.accessTokens.length > state.limits.activeAccessTokens) {
      state.accessTokens.delete(grant.accessTokens.shift() ?? '');
    }
  }
  return token;
}

/** Ends a refresh token and every access token made from it. */
export function revokeGrant(state: AccountsState, refreshToken: string): void {
  for (const token of state.grants.get(refreshToken)?.accessTokens ?? []) state.accessTokens.delete(token);
  state.grants.delete(refreshToken);
}

/** The scopes of a living access token, or null. */
export function scopesOf(state: AccountsState, accessToken: string): readonly string[] | null {
  const token = state.accessTokens.get(accessToken);
  return token && token.expiresAtMs > Date.now() ? token.scopes : null;
}
