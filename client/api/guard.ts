import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { RefusedRequest } from './refusal.ts';

const loopbackHosts: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Whether only processes of this machine can reach an address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Lets through who may ask: whoever knows the token, and no page of another site in the browser of somebody who may. Without a token, whoever
 * asks this machine by one of its own names, so that no name that was made to lead here (DNS rebinding) does.
 *
 * @param token null: none is asked for
 */
export function guard(token: string | null): MiddlewareHandler {
  return async ({ req }, next) => {
    refuseOtherSites(req.header('sec-fetch-site'), req.header('origin'), req.header('host'));
    if (token === null) refuseOtherNames(req.header('host'));
    else if (!isEqual(token, /^Bearer (\S+)$/i.exec(req.header('authorization') ?? '')?.[1] ?? '')) {
      throw new RefusedRequest(401, { code: 'token-wrong', message: 'The request has no valid token.', remedy: 'Send the value of BOOKBRIDGE_API_TOKEN in the header "Authorization: Bearer …".' });
    }
    const type = req.header('content-type');
    if (type !== undefined && !/^application\/json\b/i.test(type)) {
      throw new RefusedRequest(415, { code: 'request-invalid', message: 'The body is no JSON.', remedy: 'Send it with the header "Content-Type: application/json".' });
    }
    await next();
  };
}

/** A browser says from which site a request comes; who is no browser says nothing. */
function refuseOtherSites(site: string | undefined, origin: string | undefined, host: string | undefined): void {
  const isOwnSite = site === undefined || site === 'same-origin' || site === 'none';
  const isOwnOrigin = origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
  if (isOwnSite && isOwnOrigin) return;
  throw new RefusedRequest(403, { code: 'other-site', message: 'The request comes from a page of another site.', remedy: 'Ask from the console itself, or from a program.' });
}

function refuseOtherNames(host: string | undefined): void {
  const name = host?.replace(/:\d+$/, '').toLowerCase() ?? '';
  if (loopbackHosts.has(name) || isLoopback(name)) return;
  throw new RefusedRequest(403, { code: 'other-site', message: `This machine is not asked by the name ${name}.`, remedy: 'Ask it as localhost, or set BOOKBRIDGE_API_TOKEN.' });
}

/** In a time that says nothing of how much of it is right, nor of its length. */
function isEqual(token: string, given: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(token), digest(given));
}
