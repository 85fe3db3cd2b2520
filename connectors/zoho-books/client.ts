import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Gate } from '../gate.ts';
import type { Answer, Http } from '../http.ts';
import type { TokenSource } from '../zoho/tokens.ts';
import { processScopeMemory, type ScopeMemory } from './missing-scopes.ts';
import { booksError, isLimit, isUnauthorized, meaningOf, rejectsToken, resumeTime, type BooksAnswer } from './errors.ts';

export interface BooksOptions {
  readonly http: Http;
  /** The API server of the data centre, for instance `https://www.zohoapis.com`. */
  readonly apiUrl: string;
  readonly organizationId: string;
  readonly tokens: TokenSource;
  readonly gate: Gate;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** That of the process unless told. */
  readonly scopes?: ScopeMemory;
}

export interface BooksRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below /books/v3, for instance `/contacts`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: JsonObject;
  /** False for the calls that belong to no organization. */
  readonly inOrganization?: boolean;
  /** What the record is called, for a name collision. */
  readonly names?: readonly string[];
}

/** A successful answer. */
export interface BooksSuccess {
  readonly status: number;
  /** The whole body, `code` and `message` included. */
  readonly body: Readonly<Record<string, unknown>>;
}

export type BooksCall = (request: BooksRequest) => Promise<BooksSuccess>;

const envelopeSchema = z.looseObject({ code: z.coerce.number().int(), message: z.string().catch('') });

/**
 * Makes the one function every call to Books goes through: it takes the call from the gate, adds token and organization,
 * and tells success from failure by the envelope, whatever the status. A rejected token is renewed once and the call
 * repeated once, with a second call from the gate; not so where a fresh token of the same authorisation was refused on the same
 * route before: then a scope is missing, and no token is spent on hearing it again.
 *
 * The call throws BookbridgeError: what the gate, the token source and the HTTP client throw, and what errors.ts lists.
 */
export function createBooksCall({ http, apiUrl, organizationId, tokens, gate, now = Date.now, scopes = processScopeMemory }: BooksOptions): BooksCall {
  function send(request: BooksRequest, token: string): Promise<Answer> {
    return gate.pass(() => http({
      method: request.method,
      url: `${apiUrl}/books/v3${request.path}`,
      query: { ...(request.inOrganization !== false && { organization_id: organizationId }), ...request.query },
      headers: { ...request.headers, authorization: `Zoho-oauthtoken ${token}` },
      ...(request.body && { json: request.body }),
    }));
  }

  /** What one scope allows: a method on one group of records, under one authorisation. */
  async function routeOf({ method, path }: BooksRequest): Promise<string | null> {
    const grantId = await tokens.grantId?.();
    return grantId === undefined ? null : `${grantId} ${method} ${path.split('/')[1] ?? ''}`;
  }

  async function isKnownAsMissing(request: BooksRequest): Promise<boolean> {
    return !scopes.isEmpty() && scopes.isMissing(await routeOf(request), now());
  }

  return async (request) => {
    const token = await tokens.accessToken();
    let answer = await send(request, token);
    let said = readEnvelope(request, answer);
    if (rejectsToken(said) && !(isUnauthorized(said) && await isKnownAsMissing(request))) {
      answer = await send(request, await tokens.renew(token));
      said = readEnvelope(request, answer);
      if (isUnauthorized(said)) scopes.remember(await routeOf(request), now());
    }
    if (said.code === 0 && answer.status < 400) {
      if (!scopes.isEmpty()) scopes.forget(await routeOf(request));
      return { status: answer.status, body: said.body };
    }
    const meaning = meaningOf(said);
    const resumeAtMs = isLimit(meaning) ? await gate.refused(meaning, resumeTime(answer.headers, now())) : undefined;
    throw booksError(said, request.names, resumeAtMs);
  };
}

function readEnvelope({ method, path }: BooksRequest, { status, body }: Answer): BooksAnswer & Pick<BooksSuccess, 'body'> {
  const envelope = envelopeSchema.safeParse(body);
  if (envelope.success) return { status, code: envelope.data.code, message: envelope.data.message, body: envelope.data };
  // A refusal by status alone is clear enough without an envelope; a success is not.
  if (status === 401 || status === 429) return { status, code: -1, message: '', body: {} };
  throw new BookbridgeError('answer-unreadable', { detail: `Books answered ${method} ${path} with status ${status} and no code` });
}
