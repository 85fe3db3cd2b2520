import type { Call, Reply } from '../../kit/call.ts';
import { createSlidingWindow } from '../../kit/window.ts';
import { newToken, type AccountsState } from './state.ts';

/** What the page needs to know of where it is. */
interface Place {
  readonly url: string;
  readonly location: string;
}

/**
 * The page a user sees: Accept and Reject are plain links, so that it can be followed without a browser. What is wrong with the
 * request itself is shown on a page and never sent to the redirect address.
 */
export function authorizePage(state: AccountsState, call: Call): Reply {
  const fault = requestFault(state, call.query);
  if (fault) return { status: 400, text: page('Error occurred', `<p role="alert">${escapeHtml(fault)}</p>`), code: fault };
  const scopes = (call.query.get('scope') ?? '').split(',').map((scope) => `<li>${escapeHtml(scope)}</li>`);
  const query = escapeHtml(call.query.toString());
  const body = [
    `<p><b>${escapeHtml(call.query.get('client_id') ?? '')}</b> would like to access the following information:</p>`,
    `<ul>${scopes.join('')}</ul>`,
    `<p><a id="accept" href="/oauth/v2/auth/accept?${query}">Accept</a> <a id="reject" href="/oauth/v2/auth/reject?${query}">Reject</a></p>`,
  ];
  return { status: 200, text: page('Zoho Accounts', body.join('\n')) };
}

/** Sends the user back with a code, or with `access_denied` where there were too many codes. */
export function accept(state: AccountsState, place: Place, call: Call): Reply {
  const fault = requestFault(state, call.query);
  if (fault) return { status: 400, text: page('Error occurred', `<p role="alert">${escapeHtml(fault)}</p>`), code: fault };
  const clientId = call.query.get('client_id') ?? '';
  const made = state.codesMade.get(clientId) ?? createSlidingWindow();
  state.codesMade.set(clientId, made);
  if (made.full(state.limits.codes, Date.now())) return back(call, { error: 'access_denied' });
  made.add(Date.now());
  const code = newToken();
  const isKnown = [...state.grants.values()].some((grant) => grant.clientId === clientId);
  state.codes.set(code, {
    clientId,
    redirectUri: call.query.get('redirect_uri') ?? '',
    scopes: (call.query.get('scope') ?? '').split(','),
    // Offline access gives a refresh token the first time, and again only where the user is asked again.
    offline: call.query.get('access_type') === 'offline' && (!isKnown || call.query.get('prompt') === 'consent'),
    expiresAtMs: Date.now() + state.limits.codeLifeMs,
  });
  return back(call, { code, location: place.location, 'accounts-server': place.url });
}

export function reject(state: AccountsState, call: Call): Reply {
  const fault = requestFault(state, call.query);
  if (fault) return { status: 400, text: page('Error occurred', `<p role="alert">${escapeHtml(fault)}</p>`), code: fault };
  return back(call, { error: 'access_denied' });
}

function requestFault(state: AccountsState, query: URLSearchParams): string | null {
  const client = state.clients.get(query.get('client_id') ?? '');
  if (!client) return 'invalid_client';
  if (!client.redirectUris.some((uri) => sameRedirect(uri, query.get('redirect_uri') ?? ''))) return 'invalid_redirect_uri';
  if (query.get('response_type') !== 'code') return 'invalid_response_type';
  const scopes = (query.get('scope') ?? '').split(',');
  return scopes.every((scope) => /^\w+(\.\w+)+$/.test(scope)) ? null : 'invalid_scope';
}

/** Equal but for the port of a loopback address: a program on the user's own machine takes a free one. */
function sameRedirect(registered: string, given: string): boolean {
  if (registered === given) return true;
  if (!URL.canParse(registered) || !URL.canParse(given)) return false;
  const [left, right] = [new URL(registered), new URL(given)];
  const isLoopback = left.hostname === 'localhost' || left.hostname === '127.0.0.1';
  return isLoopback && left.port === '' && left.protocol === right.protocol && left.hostname === right.hostname && left.pathname === right.pathname;
}

function back(call: Call, fields: Readonly<Record<string, string>>): Reply {
  const target = new URL(call.query.get('redirect_uri') ?? '');
  for (const [name, value] of Object.entries(fields)) target.searchParams.set(name, value);
  const state = call.query.get('state');
  if (state !== null) target.searchParams.set('state', state);
  return { status: 302, text: '', headers: { location: target.href } };
}

function page(title: string, body: string): string {
  return `<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head>\n<body><main><h1>${title}</h1>\n${body}\n</main></body></html>\n`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
