import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import { firstIssue } from '../../domain/issues.ts';
import type { RemoteRecord, Resource } from '../resource.ts';
import { API, isSuccess, refusal, type WooCommerceCall } from './call.ts';
import { isPaidStatus } from './order.ts';
import { readTaxes } from './rates.ts';
import { optionSchema, siteSchema, statusSchema } from './schemas.ts';

/** The statuses an order can have: `{name, isPaid}`. WooCommerce has no list of them, but counts the orders of each. */
export function createStatuses(call: WooCommerceCall): Resource {
  return small(async () => {
    const statuses = await read(call, `${API}/reports/orders/totals`, z.array(statusSchema));
    return statuses.filter(({ slug }) => slug !== 'checkout-draft').map(({ slug, name }) => ({ id: slug, modifiedAt: null, data: { name, isPaid: isPaidStatus(slug) } }));
  });
}

/** The tax rates of the shop: `{name, percentage, country}`. One call for each hundred. */
export function createTaxes(call: WooCommerceCall): Resource {
  return small(async () => {
    const records: RemoteRecord[] = [];
    for (let page = 1; ; page += 1) {
      const rates = await readTaxes(call, page);
      records.push(...rates.map(({ id, name, rate, country }) => ({ id, modifiedAt: null, data: { name, percentage: rate.toFixed(), country } })));
      if (rates.length < 100) return records;
    }
  });
}

/** One record, `shop`: its name, its time zone where it has one by name, and its currency. Two calls. */
export function createSettings(call: WooCommerceCall): Resource {
  return small(async () => {
    const site = await read(call, '/', siteSchema);
    const options = await read(call, `${API}/settings/general`, z.array(optionSchema));
    const currency = options.find(({ id }) => id === 'woocommerce_currency')?.value;
    return [{ id: 'shop', modifiedAt: null, data: { name: site.name, timeZone: site.timezone_string === '' ? null : site.timezone_string, currency: typeof currency === 'string' ? currency : null } }];
  });
}

/** A listing that is always read whole, and in which a single record is looked up. */
function small(readAll: () => Promise<RemoteRecord[]>): Resource {
  return {
    listing: 'full',
    list: async () => ({ records: await readAll(), unreadable: [], next: null }),
    get: async (id) => (await readAll()).find((record) => record.id === id) ?? null,
  };
}

async function read<T>(call: WooCommerceCall, path: string, schema: z.ZodType<T>): Promise<T> {
  const answer = await call({ method: 'GET', path });
  if (!isSuccess(answer)) throw refusal(answer, path);
  const parsed = schema.safeParse(answer.body);
  if (!parsed.success) throw new BookbridgeError('answer-unreadable', { detail: `${path} of the shop: ${firstIssue(parsed.error)}` });
  return parsed.data;
}
