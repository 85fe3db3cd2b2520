import { DateTime } from 'luxon';
import { z } from 'zod';
import { header, refusing, type Call, type Reply } from '../kit/call.ts';
import type { ServiceFaultKind } from '../kit/faults.ts';
import { createMinuteLimit, type MinuteLimit } from '../kit/minute-limit.ts';
import type { Service } from '../kit/service.ts';
import { startSimulator, type Simulator } from '../kit/simulator.ts';
import { shopControl } from './control.ts';
import { createNames } from './prestashop-names.ts';
import { select, WebserviceError, type Row, type Table } from './prestashop-query.ts';
import type { Showing } from './prestashop-rows.ts';
import { createTables } from './prestashop-tables.ts';
import type { ShopData, ShopOrder, ShopSettings } from './types.ts';
import { createShopWorld, type ShopWorld } from './world.ts';

export interface PrestaShopOptions {
  readonly data: ShopData;
  /** Laid over those of the data. */
  readonly settings?: Partial<ShopSettings>;
  /** 0 (the default) takes a free port. */
  readonly port?: number;
  readonly limits?: MinuteLimit;
  /** From PHP 8.1 on whole numbers come as numbers; before, everything but `id` was text. */
  readonly nativeIntegers?: boolean;
  /** Only the language of the shop: names are plain text. */
  readonly oneLanguage?: boolean;
  /** The server in front of PHP keeps the header `Authorization` to itself. */
  readonly dropsAuthorization?: boolean;
  /** How long PHP works on each call, milliseconds. */
  readonly workMs?: number;
}

export interface PrestaShopSimulator extends Simulator {
  readonly world: ShopWorld;
  /** Lays fields over an order as it is shown, against all rules: for tests of what must not happen. */
  spoil(orderId: string, fields: Readonly<Record<string, unknown>>): void;
}

/** The key that may read everything, and the one that may read orders only. */
export const prestaShopKey = 'SIMULATEDKEY00000000000000000000';
export const prestaShopOrdersKey = 'SIMULATEDKEYFORORDERS00000000000';

/**
 * Starts a shop that answers as PrestaShop's webservice does, on 127.0.0.1. It can only be read, and only as JSON.
 *
 * Its control routes are those of the kit and of every shop ({@link shopControl}).
 */
export async function startPrestaShopSimulator(options: PrestaShopOptions): Promise<PrestaShopSimulator> {
  const changes = createChanges();
  const world = createShopWorld({ ...options.data, settings: { ...options.data.settings, ...options.settings } }, { emit: ({ order }) => changes.note(order) });
  for (const order of world.orders()) changes.begin(order);
  const spoiled = new Map<string, Readonly<Record<string, unknown>>>();
  const spoil: PrestaShopSimulator['spoil'] = (orderId, fields) => void spoiled.set(orderId, { ...spoiled.get(orderId), ...fields });
  const showing: Showing = {
    world, spoiled, stamp: createStamp(world.settings.timeZone), changedAtMs: changes,
    names: { currencies: createNames([world.settings.currency]), countries: createNames(), regions: createNames(), carriers: createNames() },
  };
  const simulator = await startSimulator(() => createService(options, showing, spoil), { port: options.port ?? 0 });
  return { ...simulator, world, spoil };
}

/** A partial refund makes a credit slip and leaves the order as it was; a whole one gives the order another status, too. */
function createChanges() {
  const orders = new Map<string, { readonly atMs: number; readonly refunds: number }>();
  const slips = new Map<string, number>();
  return {
    begin: ({ id, status, refunds, changedAtMs, placedAtMs, paidAtMs }: ShopOrder) => {
      orders.set(id, { atMs: status === 'refunded' ? changedAtMs : Math.max(placedAtMs, paidAtMs ?? 0), refunds: refunds.length });
      for (const refund of refunds) slips.set(refund.id, refund.refundedAtMs);
    },
    note: ({ id, status, refunds, changedAtMs }: ShopOrder) => {
      const before = orders.get(id) ?? { atMs: changedAtMs, refunds: 0 };
      for (const refund of refunds.slice(before.refunds)) slips.set(refund.id, changedAtMs);
      const isSlipOnly = refunds.length > before.refunds && status !== 'refunded';
      orders.set(id, { atMs: isSlipOnly ? before.atMs : changedAtMs, refunds: refunds.length });
    },
    order: ({ id, changedAtMs }: ShopOrder) => orders.get(id)?.atMs ?? changedAtMs,
    slip: ({ id, refundedAtMs }: { readonly id: string; readonly refundedAtMs: number }) => slips.get(id) ?? refundedAtMs,
  };
}

/** Formatting a time is slow, and listings show the same ones over and over. */
function createStamp(timeZone: string): (ms: number) => string {
  const known = new Map<number, string>();
  return (ms) => {
    const second = Math.floor(ms / 1000);
    const text = known.get(second) ?? DateTime.fromSeconds(second, { zone: timeZone }).toFormat('yyyy-MM-dd HH:mm:ss');
    if (known.size > 100_000) known.clear();
    known.set(second, text);
    return text;
  };
}

function createService(options: PrestaShopOptions, showing: Showing, spoil: PrestaShopSimulator['spoil']): Service {
  const tables = createTables(showing);
  const limit = createMinuteLimit(options.limits, tooMany);
  return {
    routes: [
      { method: 'GET', path: '/api/:resource', handle: guarded((call) => answerList(call, tables, options)) },
      { method: 'GET', path: '/api/:resource/:id', handle: guarded((call) => answerOne(call, tables, options)) },
    ],
    unknownRoute: (call) => (call.path.startsWith('/api/')
      ? errorReply(405, 25, `Method ${call.method} is not allowed for the resource ${call.path.split('/')[2] ?? ''} with this authentication key`)
      : { status: 404, text: '<!DOCTYPE html><html><head><title>404</title></head><body><h1>The page you are looking for was not found.</h1></body></html>' }),
    faultReply,
    admit: (call) => limit.admit() ?? authorize(call, options),
    state: () => ({ orders: showing.world.orders() }),
    limits: limit.limits,
    control: shopControl(showing.world, spoil),
    ...(options.workMs !== undefined && { workMs: () => options.workMs ?? 0 }),
  };
}

const guarded = refusing(WebserviceError, ({ status, code, message }) => errorReply(status, code, message));

/** Without any record the answer has no name in it: `[]`. */
function answerList(call: Call, tables: ReadonlyMap<string, Table>, options: PrestaShopOptions): Reply {
  const table = tableOf(call, tables);
  const rows = select(table, call.query);
  return { status: 200, json: rows.length === 0 ? [] : { [table.node]: rows.map((row) => dressed(row, options)) } };
}

/** One that is not there has no body at all. With `display` one record is a list, too. */
function answerOne(call: Call, tables: ReadonlyMap<string, Table>, options: PrestaShopOptions): Reply {
  const table = tableOf(call, tables);
  const [row] = select(table, new URLSearchParams({ 'filter[id]': `[${call.params['id'] ?? ''}]`, display: call.query.get('display') ?? 'full' }));
  if (row === undefined) return { status: 404 };
  const shown = dressed(row, options);
  return { status: 200, json: call.query.has('display') ? { [table.node]: [shown] } : { [table.node.replace(/ies$/, 'y').replace(/s$/, '')]: shown } };
}

function tableOf(call: Call, tables: ReadonlyMap<string, Table>): Table {
  const name = call.params['resource'] ?? '';
  const table = tables.get(name);
  if (!table) throw new WebserviceError(400, 27, `Resource of type "${name}" does not exists. The full list is: "${[...tables.keys()].join('", "')}"`);
  return table;
}

function dressed(row: Row, { nativeIntegers = false, oneLanguage = false }: PrestaShopOptions): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => {
    if (nativeIntegers && typeof value === 'string' && /^(0|[1-9]\d*)$/.test(value) && !['message', 'name', 'reference', 'postcode', 'value'].includes(name)) return [name, Number(value)];
    if (oneLanguage && Array.isArray(value)) return [name, z.array(z.object({ value: z.string() })).parse(value)[0]?.value];
    return [name, value];
  }));
}

/** The key is the name of the user, without a password, or stands in the query. */
function authorize(call: Call, { dropsAuthorization = false }: PrestaShopOptions): Reply | null {
  const [, encoded] = /^Basic (.+)$/i.exec((dropsAuthorization ? undefined : header(call, 'authorization')) ?? '') ?? [];
  const key = encoded === undefined ? call.query.get('ws_key') : (Buffer.from(encoded, 'base64').toString().split(':')[0] ?? '');
  if (key === null) return errorReply(401, 16, 'Please enter the authentication key as the login. No password required');
  if (key === '') return errorReply(401, 17, 'Authentication key is empty');
  if (key.length !== 32) return errorReply(401, 18, 'Invalid authentication key format');
  if (key === prestaShopKey) return null;
  if (key !== prestaShopOrdersKey) return unauthorized();
  const resource = call.path.split('/')[2] ?? '';
  return resource === 'orders' ? null : errorReply(401, 26, `Resource of type "${resource}" is not allowed with this authentication key`);
}

function unauthorized(): Reply {
  return errorReply(401, 20, 'Authentification key is not active');
}

function errorReply(status: number, code: number, message: string): Reply {
  return { status, json: { errors: [{ code, message }] }, code };
}

/** Limits are those of hosts, not of PrestaShop. */
function tooMany(waitMs: number): Reply {
  return { ...errorReply(429, 429, 'Too many requests'), headers: { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))) } };
}

function faultReply(kind: ServiceFaultKind): Reply {
  if (kind === 'error-before') return errorReply(500, 2, '[PHP Error #1] Allowed memory size of 134217728 bytes exhausted');
  return kind === 'unauthorized' ? unauthorized() : tooMany(1000);
}
