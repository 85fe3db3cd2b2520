import got from 'got';
import type { JsonObject } from '../../domain/json.ts';
import { parseJson } from '../../domain/json.ts';
import { startZohoSimulator, type ZohoSimulator } from '../../simulators/zoho/index.ts';
import type { ZohoOptions } from '../../simulators/zoho/options.ts';

export const organizationId = '60012345678';

/** No limit at all, for tests that are not about limits. */
export const unlimited = { minute: null, day: null, concurrent: null, block: null };

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The body; `{}` where it was no JSON object. */
  readonly body: Record<string, unknown>;
}

interface CallOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Speaks to a simulator over HTTP as any client of Books would. */
export interface Caller {
  readonly zoho: ZohoSimulator;
  books(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, options?: CallOptions): Promise<Answered>;
  /** `PUT` with the headers of the unique custom field, and the field in the body. */
  upsert(module: string, key: string, fields: JsonObject, headers?: Readonly<Record<string, string>>): Promise<Answered>;
}

export async function startCaller(options: ZohoOptions = {}): Promise<Caller> {
  const zoho = await startZohoSimulator({ limits: unlimited, ...options });
  const { accessToken } = zoho.issueTokens();
  return callerOf(zoho, accessToken);
}

export function callerOf(zoho: ZohoSimulator, accessToken: string): Caller {
  const books: Caller['books'] = async (method, path, { query, json, headers } = {}) => {
    const response = await got(`${zoho.url}/books/v3${path}`, {
      method,
      searchParams: { organization_id: organizationId, ...query },
      headers: { authorization: `Zoho-oauthtoken ${accessToken}`, ...headers },
      ...(json && { json }),
      throwHttpErrors: false,
      retry: { limit: 0 },
    });
    const body = response.body === '' ? {} : (parseJson(response.body) as Record<string, unknown>);
    return { status: response.statusCode, headers: response.headers, body };
  };
  return {
    zoho,
    books,
    upsert: (module, key, fields, headers = {}) =>
      books('PUT', `/${module}`, {
        headers: { 'X-Unique-Identifier-Key': 'cf_bookbridge_id', 'X-Unique-Identifier-Value': key, 'X-Upsert': 'true', ...headers },
        json: { ...fields, custom_fields: [{ api_name: 'cf_bookbridge_id', value: key }] },
      }),
  };
}

/** A member of the body that is an object. */
export function part(answered: Answered, name: string): Record<string, unknown> {
  return (answered.body[name] ?? {}) as Record<string, unknown>;
}

/** A member of the body that is a list of objects. */
export function rows(answered: Answered, name: string): Record<string, unknown>[] {
  return (answered.body[name] ?? []) as Record<string, unknown>[];
}
