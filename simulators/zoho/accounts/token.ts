import { formFields, header, type Call, type Reply } from '../../kit/call.ts';
import { addAccessToken, addGrant, type AccountsState } from './state.ts';

interface TokenOptions {
  /** `api_domain` of the answer: where Books is. */
  readonly apiDomain: string;
  /** HTTP status of errors. */
  readonly errorStatus: number;
}

type Fields = Readonly<Record<string, string>>;

/**
 * `POST /oauth/v2/token`, parameters in the query or a form (JSON is not read: Zoho Books API v3, OAuth). Errors are one word, and
 * their HTTP status says little: 200 was seen live.
 */
export function token(state: AccountsState, options: TokenOptions, call: Call): Reply {
  const fields = formFields(call);
  const client = state.clients.get(fields['client_id'] ?? '');
  if (!client) return failure(options, 'invalid_client');
  if (client.clientSecret !== fields['client_secret']) return failure(options, 'invalid_client_secret');
  if (fields['grant_type'] === 'authorization_code') return exchange(state, options, fields);
  if (fields['grant_type'] === 'refresh_token') return refresh(state, options, fields);
  return failure(options, 'unsupported_grant_type');
}

/** GET on the token endpoint is answered with "server error" (Zoho Books API v3, OAuth). */
export function tokenByGet(options: TokenOptions): Reply {
  return failure(options, 'server error');
}

function exchange(state: AccountsState, options: TokenOptions, fields: Fields): Reply {
  const code = state.codes.get(fields['code'] ?? '');
  if (!code || code.clientId !== fields['client_id']) return failure(options, 'invalid_code');
  if (code.redirectUri !== fields['redirect_uri']) return failure(options, 'invalid_redirect_uri');
  state.codes.delete(fields['code'] ?? '');
  if (code.expiresAtMs <= Date.now()) return failure(options, 'invalid_code');
  const grant = code.offline ? addGrant(state, code.clientId, code.scopes) : null;
  const accessToken = addAccessToken(state, code.scopes, grant);
  return success(state, options, accessToken, grant?.refreshToken);
}

function refresh(state: AccountsState, options: TokenOptions, fields: Fields): Reply {
  const grant = state.grants.get(fields['refresh_token'] ?? '');
  if (!grant || grant.clientId !== fields['client_id']) return failure(options, 'invalid_code');
  if (grant.made.full(state.limits.refresh, Date.now())) return throttled();
  return success(state, options, addAccessToken(state, grant.scopes, grant));
}

/** Too many access tokens: not a revoked authorisation, though it looks like one. */
export function throttled(): Reply {
  const text = 'You have made too many requests continuously. Please try again after some time.';
  return { status: 400, json: { error_description: text, error: 'Access Denied' }, code: 'Access Denied' };
}

function success(state: AccountsState, options: TokenOptions, accessToken: string, refreshToken?: string): Reply {
  return {
    status: 200,
    json: {
      access_token: accessToken,
      ...(refreshToken !== undefined && { refresh_token: refreshToken }),
      api_domain: options.apiDomain,
      token_type: 'Bearer',
      expires_in: Math.round(state.limits.tokenLifeMs / 1000),
    },
  };
}

function failure(options: TokenOptions, error: string): Reply {
  return { status: options.errorStatus, json: { error }, code: error };
}

/** The access token of a call to Books: only the header counts, in Zoho's own scheme. Null where there is none. */
export function accessTokenOf(call: Call): string | null {
  const match = /^(?:Zoho-oauthtoken|Bearer) +(\S+)$/.exec(header(call, 'authorization') ?? '');
  return match?.[1] ?? null;
}
