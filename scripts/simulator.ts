import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { loadDataSet, loadShopData, shopSettingsSchema } from '../simulators/data/index.ts';
import { generateShop } from '../simulators/shop/generate.ts';

/**
 * `npm run simulator -- zoho|hector|woocommerce|prestashop [--port P] [--data FILE] [--limits JSON]`: one simulator as a process. When it is ready it
 * prints one line of JSON, `{"simulator":"zoho","url":"http://127.0.0.1:PORT"}`; it stays up until SIGTERM or Ctrl-C.
 */

const names = ['zoho', 'hector', 'woocommerce', 'prestashop'] as const;
type Name = (typeof names)[number];

const optionsSchema = z.object({
  port: z.number(),
  data: z.string().nullable().default(null),
  limits: z.unknown().optional(),
  tokenLife: z.number().optional(),
  work: z.number().optional(),
  orders: z.number().optional(),
  shop: z.record(z.string(), z.unknown()).optional(),
});
type Options = z.output<typeof optionsSchema>;

interface Started {
  readonly url: string;
  close(): Promise<void>;
}

/** Each simulator is loaded only when it is wanted. */
async function start(name: Name, options: Options): Promise<Started> {
  const { port, data, tokenLife, work } = options;
  if (name === 'woocommerce') {
    const { startWooCommerceSimulator } = await import('../simulators/shop/woocommerce.ts');
    return startWooCommerceSimulator({ data: await shopData(options), port, ...(work !== undefined && { workMs: work }) });
  }
  if (name === 'prestashop') {
    const { startPrestaShopSimulator } = await import('../simulators/shop/prestashop.ts');
    return startPrestaShopSimulator({ data: await shopData(options), port, ...(work !== undefined && { workMs: work }) });
  }
  const dataSet = await loadDataSet(data);
  if (name === 'hector') {
    const { startHectorSimulator } = await import('../simulators/hector/index.ts');
    return startHectorSimulator({ dataSet, port });
  }
  const { startZohoSimulator } = await import('../simulators/zoho/index.ts');
  const { organizationFrom } = await import('../simulators/zoho/from-data.ts');
  return startZohoSimulator({
    port,
    organizations: [organizationFrom(dataSet.books)],
    ...(tokenLife !== undefined && { tokenLifeMs: tokenLife }),
    ...(work !== undefined && { workMs: work }),
  });
}

/** What is in a shop, and how it reckons. */
async function shopData({ data, orders, shop }: Options) {
  const chosen = orders === undefined ? await loadShopData(data) : generateShop({ orders });
  return { ...chosen, settings: shopSettingsSchema.parse({ ...chosen.settings, ...shop }) };
}

/** Through the control route, because each simulator reads its limits there. */
async function changeLimits(url: string, limits: unknown): Promise<void> {
  const response = await fetch(`${url}/_simulator/limits`, { method: 'POST', body: JSON.stringify(limits) });
  if (!response.ok) throw new Error(`--limits: ${await response.text()}`);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new InvalidArgumentError('It is not JSON.');
  }
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It is not a whole number.');
  return Number(text);
}

async function run(name: Name, given: unknown): Promise<void> {
  const options = optionsSchema.parse(given);
  const simulator = await start(name, options);
  if (options.limits !== undefined) await changeLimits(simulator.url, options.limits);
  process.stdout.write(`${JSON.stringify({ simulator: name, url: simulator.url })}\n`);
  const stop = () => {
    simulator.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

await new Command('simulator')
  .description('A simulated service over HTTP, for tests and for trying Bookbridge out.')
  .addArgument(new Argument('<name>', 'which service').choices(names))
  .option('--port <port>', 'port on 127.0.0.1; 0 takes a free one', wholeNumber, 0)
  .option('--data <file>', 'data set: our own format or Northwind\'s; the built-in one unless told')
  .addOption(new Option('--limits <json>', 'limits, as POST /_simulator/limits takes them').argParser(json))
  .option('--token-life <ms>', 'zoho: life of an access token', wholeNumber)
  .option('--work <ms>', 'zoho and shops: how long the service works on each call', wholeNumber)
  .option('--orders <count>', 'shops: so many made-up orders instead of those of the data set', wholeNumber)
  .addOption(new Option('--shop <json>', 'shops: settings laid over those of the data set, such as {"pricesIncludeTax":false}').argParser(json))
  .action((name: Name, options: unknown) => run(name, options))
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  });
