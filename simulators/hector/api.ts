import { jsonBody, refusing, type Call, type Reply, type Route } from '../kit/call.ts';
import type { HectorRecord, Position, Tombstone } from './collection.ts';
import { isDated, resourceNames, type ResourceName } from './resources.ts';
import { referenceIn, Refusal, type Fields } from './rules.ts';
import type { Webhooks } from './webhooks.ts';
import type { World } from './world.ts';

const prefix = '/api/v1';
const defaultPageSize = 50;
const largestPage = 200;

/** The routes of docs/apis/hector.md. */
export function createRoutes(world: World, webhooks: Webhooks): Route[] {
  return [
    ...resourceNames.flatMap((resource) => resourceRoutes(resource, world)),
    route('POST', '/webhooks', (call) => ({ status: 201, json: webhooks.add(body(call)) })),
    route('GET', '/webhooks', () => ({ status: 200, json: { data: webhooks.list(), next: null } })),
    route('DELETE', '/webhooks/:id', (call) => {
      webhooks.remove(idOf(call));
      return { status: 204 };
    }),
  ];
}

function resourceRoutes(resource: ResourceName, world: World): Route[] {
  const shown = (record: HectorRecord | Tombstone) => show(resource, record);
  return [
    route('GET', `/${resource}`, ({ query }) => {
      const changedSince = isDated(resource) ? query.get('changedSince') : null;
      const { records, next } = world.collection(resource).list({
        after: position(query.get('after')), since: changedSince === null ? null : sinceTime(changedSince), limit: limit(query.get('limit')),
      });
      return { status: 200, json: { data: records.map(shown), next: next && encode(next) } };
    }),
    route('GET', `/${resource}/:id`, (call) => {
      const record = world.collection(resource).get(idOf(call));
      if (!record) throw new Refusal(404, 'not_found', `There is no record ${idOf(call)}.`);
      return { status: 200, json: shown(record) };
    }),
    route('POST', `/${resource}`, (call) => {
      const fields = body(call);
      return keyed({ status: 201, json: shown(world.create(resource, fields)) }, referenceIn(resource, fields));
    }),
    route('PATCH', `/${resource}/:id`, (call) => {
      const record = world.change(resource, idOf(call), body(call));
      return keyed({ status: 200, json: shown(record) }, referenceIn(resource, record));
    }),
    route('DELETE', `/${resource}/:id`, (call) => {
      world.remove(resource, idOf(call));
      return { status: 204 };
    }),
  ];
}

function route(method: string, path: string, handle: (call: Call) => Reply): Route {
  return { method, path: `${prefix}${path}`, handle: guarded(handle) };
}

/** What is refused is answered in the form every route uses. */
export function guarded(handle: (call: Call) => Reply): (call: Call) => Reply {
  return refusing(Refusal, ({ status, code, message, facts }) => errorReply(status, code, message, facts))(handle);
}

/** An error in the form every route uses. */
export function errorReply(status: number, code: string, message: string, facts: Fields = {}): Reply {
  return { status, code, json: { error: { code, message, ...facts } } };
}

function keyed(reply: Reply, key: string | null): Reply {
  return key === null ? reply : { ...reply, key };
}

function show(resource: ResourceName, record: HectorRecord | Tombstone): unknown {
  if (isDated(resource)) return record;
  const { updatedAt: _updatedAt, ...shown } = record;
  return shown;
}

function idOf(call: Call): string {
  return call.params['id'] ?? '';
}

function body(call: Call): Fields {
  const value = jsonBody(call);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Refusal(400, 'bad_request', 'The body is no JSON object.');
  return value as Fields;
}

function limit(text: string | null): number {
  if (text === null) return defaultPageSize;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= largestPage) return count;
  throw new Refusal(400, 'bad_request', `A page has 1 to ${largestPage} records.`, { field: 'limit' });
}

function sinceTime(text: string): string {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new Refusal(400, 'bad_request', 'This is no time in ISO 8601.', { field: 'changedSince' });
  return new Date(ms).toISOString();
}

function encode({ updatedAt, id }: Position): string {
  return Buffer.from(`${updatedAt} ${id}`).toString('base64url');
}

function position(after: string | null): Position | null {
  if (after === null) return null;
  const [, updatedAt, id] = /^(\S{24}) (.+)$/su.exec(Buffer.from(after, 'base64url').toString()) ?? [];
  if (updatedAt === undefined || id === undefined) {
    throw new Refusal(400, 'bad_request', 'This is no place in a listing.', { field: 'after' });
  }
  return { updatedAt, id };
}
