/**
 * A simulator as a process, with as many records as a benchmark wants: `node bench/simulator.ts zoho|hector|woocommerce SPEC`, where SPEC is JSON
 * of {@link SimulatorSpec}. Prints one line of JSON when it is ready, as `npm run simulator` does.
 */
import { z } from 'zod';
import { dataSetOf, organizationId, organizationsOf } from './data.ts';
import { booksOfShop, shopOf } from './shop-data.ts';

const count = z.int().nonnegative().optional();
const specSchema = z.strictObject({
  organizations: count, customers: count, users: count, items: count, loaners: count, contacts: count, invoices: count,
  /** Of a shop; then Books is set up for one, and has nothing else. */
  orders: count,
  /** As the control route takes them. */
  limits: z.record(z.string(), z.json()).default({}),
  workMs: z.int().nonnegative().default(0),
  quotaHeaders: z.boolean().default(false),
});
export type SimulatorSpec = z.input<typeof specSchema>;

/** A benchmark connects more often than a person does in ten minutes. */
const accountsLimits = { refresh: { calls: 10_000, windowMs: 600_000 }, codes: { calls: 10_000, windowMs: 600_000 }, refreshTokens: 10_000, activeAccessTokens: 10_000, tokenLifeMs: 7_200_000 };

async function start(name: string, input: unknown) {
  const { limits, workMs, quotaHeaders, orders, ...given } = specSchema.parse(input);
  const sizes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  if (name === 'woocommerce') {
    const { startWooCommerceSimulator } = await import('../simulators/shop/woocommerce.ts');
    return startWooCommerceSimulator({ data: shopOf(orders ?? 0) });
  }
  const dataSet = await dataSetOf(sizes);
  if (name === 'hector') {
    const { startHectorSimulator } = await import('../simulators/hector/index.ts');
    return startHectorSimulator({ dataSet });
  }
  const { startZohoSimulator } = await import('../simulators/zoho/index.ts');
  const organizations = orders === undefined ? organizationsOf(dataSet, sizes)
    : Array.from({ length: given.organizations ?? 1 }, (_, index) => ({ ...booksOfShop(), organization_id: organizationId(index) }));
  return startZohoSimulator({ organizations, limits, accountsLimits, workMs, quotaHeaders });
}

const [name = '', spec = '{}'] = process.argv.slice(2);
const simulator = await start(name, JSON.parse(spec));
process.stdout.write(`${JSON.stringify({ simulator: name, url: simulator.url })}\n`);
process.once('SIGTERM', () => void simulator.close().finally(() => process.exit(0)));
process.once('SIGINT', () => void simulator.close().finally(() => process.exit(0)));
