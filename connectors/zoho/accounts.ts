import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import type { Answer, Http } from '../http.ts';
import { accountsError } from './accounts-errors.ts';
import { missingScopes } from './scopes.ts';

/** Client Id and Secret of a "Server-based Application" in Zoho's API console. */
export interface ZohoClient {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** An access token and its life. */
export interface AccessGrant {
  readonly accessToken: string;
  /** When it was asked for, milliseconds since the epoch. */
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** What an authorisation gives: the refresh token does not expire and is not replaced by later renewals. */
export interface AuthorizationGrant extends AccessGrant {
  readonly refreshToken: string;
}

interface AuthorizeRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  /** For instance `ZohoBooks.contacts.ALL`. */
  readonly scopes: readonly string[];
  /** Unguessable; comes back in the callback, where it must be compared. */
  readonly state: string;
}

interface CodeExchange extends ZohoClient {
  readonly redirectUri: string;
  readonly code: string;
  /** What was asked for. Zoho's answer may say what was granted; where it does not, only use can tell. */
  readonly scopes?: readonly string[];
}

/** The OAuth 2.0 endpoints of one accounts server. None of these calls counts towards a Books limit. */
export interface ZohoAccounts {
  /** The page that asks a person to press Accept; `prompt=consent` makes Zoho give a refresh token again, not only once. */
  authorizeUrl(request: AuthorizeRequest): string;
  /**
   * @throws BookbridgeError `authorization-refused` (code used, or older than two minutes), `client-invalid`,
   *   `settings-invalid` (redirect URI), `limit-token`, `permission-missing` where the answer says that less than `scopes` was granted
   */
  exchangeCode(request: CodeExchange): Promise<AuthorizationGrant>;
  /** @throws BookbridgeError `authorization-revoked`, `client-invalid`, `limit-token` */
  refresh(request: ZohoClient & { readonly refreshToken: string }): Promise<AccessGrant>;
}

interface AccountsOptions {
  readonly http: Http;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** From data-centers.ts. */
  readonly accountsUrl: string;
}

const accessSchema = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive(),
  // Older answers give the seconds here and milliseconds in `expires_in`.
  expires_in_sec: z.coerce.number().positive().optional(),
});

const authorizationSchema = accessSchema.extend({ refresh_token: z.string().min(1), scope: z.string().optional().catch(undefined) });

/**
 * Speaks with Zoho Accounts (https://www.zoho.com/accounts/protocol/oauth/web-apps.html). Parameters go as a form body, never
 * in the address, where proxies log them. Success and failure are told apart by the body: Zoho answers some errors with 200.
 */
export function createZohoAccounts({ http, now, accountsUrl }: AccountsOptions): ZohoAccounts {
  async function token(form: Record<string, string>): Promise<{ answer: Answer; askedAtMs: number }> {
    const askedAtMs = now();
    return { answer: await http({ method: 'POST', url: `${accountsUrl}/oauth/v2/token`, form }), askedAtMs };
  }

  return {
    authorizeUrl: ({ clientId, redirectUri, scopes, state }) => {
      const query = new URLSearchParams({
        response_type: 'code', client_id: clientId, scope: scopes.join(','), redirect_uri: redirectUri,
        access_type: 'offline', prompt: 'consent', state,
      });
      return `${accountsUrl}/oauth/v2/auth?${query.toString()}`;
    },

    exchangeCode: async ({ clientId, clientSecret, redirectUri, code, scopes = [] }) => {
      const { answer, askedAtMs } = await token({
        grant_type: 'authorization_code', client_id: clientId, client_secret: clientSecret, redirect_uri: redirectUri, code,
      });
      const granted = authorizationSchema.safeParse(answer.body);
      if (!granted.success) throw accountsError('exchange', answer, now());
      const missing = granted.data.scope === undefined ? [] : missingScopes(scopes, granted.data.scope);
      if (missing.length > 0) throw new BookbridgeError('permission-missing', { detail: `Zoho did not grant ${missing.join(', ')}` });
      return { ...grantOf(granted.data, askedAtMs), refreshToken: granted.data.refresh_token };
    },

    refresh: async ({ clientId, clientSecret, refreshToken }) => {
      const { answer, askedAtMs } = await token({
        grant_type: 'refresh_token', client_id: clientId, client_secret: clientSecret, refresh_token: refreshToken,
      });
      const granted = accessSchema.safeParse(answer.body);
      if (!granted.success) throw accountsError('refresh', answer, now());
      return grantOf(granted.data, askedAtMs);
    },
  };
}

function grantOf(body: z.infer<typeof accessSchema>, askedAtMs: number): AccessGrant {
  const lifeMs = (body.expires_in_sec ?? body.expires_in) * 1000;
  return { accessToken: body.access_token, issuedAtMs: askedAtMs, expiresAtMs: askedAtMs + lifeMs };
}
