import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import { firstIssue } from '../../domain/issues.ts';
import { anyOf, type Listing, type PrestaShopCall } from './call.ts';
import {
  carrierSchema, configurationSchema, countrySchema, currencySchema, groupSchema, regionSchema, stateSchema, taxSchema, type Tax,
} from './schemas.ts';
import { createShopClock, type ShopClock } from './time.ts';

/** Rows by their id, read when they are first needed and kept: only those that are not there yet are asked for, in one call. */
export interface Lookup<T> {
  readonly read: (ids: Iterable<string | null>) => Promise<ReadonlyMap<string, T>>;
}

export interface Configuration {
  readonly clock: ShopClock;
  readonly timeZone: string;
  readonly shopName: string;
  /** Id of the language that names are wanted in. */
  readonly language: string;
  /** Id of the currency that prices are kept in. */
  readonly currencyId: string | null;
  /** Id of the status of cancelled orders. */
  readonly cancelled: string | null;
}

/** What orders refer to and hardly ever changes. It lives as long as the connector, which is one step of a run. */
export interface Directory {
  readonly configuration: () => Promise<Configuration>;
  /** Every tax of the shop, deleted ones too: PrestaShop keeps the tax of an old order by deleting it and making a new one. */
  readonly taxes: () => Promise<ReadonlyMap<string, Tax>>;
  readonly states: Lookup<z.output<typeof stateSchema>>;
  readonly currencies: Lookup<z.output<typeof currencySchema>>;
  readonly groups: Lookup<z.output<typeof groupSchema>>;
  readonly countries: Lookup<z.output<typeof countrySchema>>;
  readonly regions: Lookup<z.output<typeof regionSchema>>;
  readonly carriers: Lookup<z.output<typeof carrierSchema>>;
}

/** Each part costs one call at most, whatever it is asked for, but for rows that turn up later. */
export function createDirectory(call: PrestaShopCall): Directory {
  return {
    configuration: once(() => readConfiguration(call)),
    taxes: once(async () => byId(await readRows(call, { path: 'taxes' }, taxSchema))),
    states: createLookup(call, 'order_states', stateSchema),
    currencies: createLookup(call, 'currencies', currencySchema),
    groups: createLookup(call, 'groups', groupSchema),
    countries: createLookup(call, 'countries', countrySchema),
    regions: createLookup(call, 'states', regionSchema),
    carriers: createLookup(call, 'carriers', carrierSchema),
  };
}

const names = { PS_TIMEZONE: '', PS_SHOP_NAME: '', PS_LANG_DEFAULT: '', PS_CURRENCY_DEFAULT: '', PS_OS_CANCELED: '' };

async function readConfiguration(call: PrestaShopCall): Promise<Configuration> {
  const rows = await readRows(call, { path: 'configurations', query: { 'filter[name]': anyOf(Object.keys(names)) } }, configurationSchema);
  const values = { ...names };
  for (const name of Object.keys(names) as (keyof typeof names)[]) {
    const candidates = rows.filter((row) => row.name === name);
    // A value of one shop among several stands beside the one for all.
    const chosen = candidates.find(({ id_shop, id_shop_group }) => id_shop === null && id_shop_group === null) ?? candidates[0];
    values[name] = chosen?.value ?? '';
  }
  return {
    clock: createShopClock(values.PS_TIMEZONE), timeZone: values.PS_TIMEZONE, shopName: values.PS_SHOP_NAME, language: values.PS_LANG_DEFAULT || '1',
    currencyId: values.PS_CURRENCY_DEFAULT || null, cancelled: values.PS_OS_CANCELED || null,
  };
}

/**
 * A list of which every row must be readable, because records of others depend on it.
 *
 * @throws BookbridgeError `answer-unreadable` naming the row
 */
async function readRows<T>(call: PrestaShopCall, listing: Listing, schema: z.ZodType<T>): Promise<T[]> {
  const rows = await call(listing);
  return rows.map((row) => {
    const parsed = schema.safeParse(row);
    if (parsed.success) return parsed.data;
    const id = z.object({ id: z.unknown() }).safeParse(row).data?.id;
    throw new BookbridgeError('answer-unreadable', { detail: `${listing.path} ${String(id)} of the shop: ${firstIssue(parsed.error)}` });
  });
}

function createLookup<T extends { readonly id: string }>(call: PrestaShopCall, path: string, schema: z.ZodType<T>): Lookup<T> {
  const known = new Map<string, T>();
  return {
    read: async (ids) => {
      const missing = new Set([...ids].filter((id): id is string => id !== null && !known.has(id)));
      if (missing.size > 0) {
        for (const row of await readRows(call, { path, query: { 'filter[id]': anyOf(missing) } }, schema)) known.set(row.id, row);
      }
      return known;
    },
  };
}

function byId<T extends { readonly id: string }>(rows: readonly T[]): ReadonlyMap<string, T> {
  return new Map(rows.map((row) => [row.id, row]));
}

/** What failed once is tried again. */
function once<T>(read: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= read().catch((error: unknown) => {
      answer = undefined;
      throw error;
    });
    return answer;
  };
}
