import type { Context } from 'hono';
import { z } from 'zod';
import { integrationOf } from '../../integrations/registry.ts';
import type { Integration } from '../../store/types.ts';
import { moduleNames } from '../choose.ts';
import type { Bookbridge } from '../open.ts';
import { recordStates } from '../records.ts';
import { RefusedRequest, wrongRequest } from './refusal.ts';
import { reasonCodes } from '../reasons.ts';

/** So long a request waits for its run, seconds. */
const WAIT_SECONDS = 25;
const WAIT_SECONDS_MAX = 120;
const LIMIT_MAX = 500;

const limit = (usual: number) => z.coerce.number().int().min(1).max(LIMIT_MAX).default(usual);
const module = z.string().optional();
const flag = z.enum(['true', 'false']).default('false').transform((text) => text === 'true');

export const recordsQuery = z.strictObject({ module: z.string(), state: z.enum(recordStates).optional(), limit: limit(50), after: z.string().optional(), refresh: flag });
export const errorsQuery = z.strictObject({ module, reason: z.enum(reasonCodes).optional(), limit: limit(5) });
export const historyQuery = z.strictObject({ module, record: z.string().optional(), limit: limit(50) });
export const runsQuery = z.strictObject({ limit: limit(20) });
export const waitQuery = z.strictObject({ wait: z.coerce.number().min(0).max(WAIT_SECONDS_MAX).default(WAIT_SECONDS) });
export const syncBody = z.strictObject({ module }).default({});

/** @throws RefusedRequest naming the parameter that is wrong */
export function queryOf<Schema extends z.ZodType>(schema: Schema, { req }: Context): z.output<Schema> {
  const parsed = schema.safeParse(req.query());
  if (!parsed.success) throw wrongRequest(parsed.error);
  return parsed.data;
}

/** @throws RefusedRequest naming the field that is wrong; no body counts as an absent one */
export async function bodyOf<Schema extends z.ZodType>(schema: Schema, { req }: Context): Promise<z.output<Schema>> {
  const text = await req.text();
  let body: unknown;
  try {
    body = text.trim() === '' ? undefined : JSON.parse(text);
  } catch {
    throw new RefusedRequest(400, { code: 'request-invalid', message: 'The body is no JSON.', remedy: 'Send JSON, or nothing.' });
  }
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw wrongRequest(parsed.error);
  return parsed.data;
}

/** @throws RefusedRequest where there is no integration of the name in the address */
export async function integrationAt({ store }: Pick<Bookbridge, 'store'>, { req }: Context): Promise<Integration> {
  const id = req.param('id') ?? '';
  const all = await store.integrations.list();
  const found = all.find((integration) => integration.id === id);
  if (!found) throw missing(`There is no integration "${id}".`, `There are: ${all.map((integration) => integration.id).join(', ') || 'none yet'}.`);
  return found;
}

/** @throws RefusedRequest where the integration has no module of that name */
export function expectModuleOf(integration: Integration, name: string): string {
  const names = moduleNames(integration);
  if (!names.includes(name)) throw missing(`${integrationOf(integration.kind).kind} has no module "${name}".`, `There are: ${names.join(', ')}.`);
  return name;
}

/** A refusal with 404. */
export function missing(message: string, remedy: string): RefusedRequest {
  return new RefusedRequest(404, { code: 'not-found', message, remedy });
}
