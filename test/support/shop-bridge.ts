import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { startImport, startSync } from '../../client/runs.ts';
import { shopSetup } from '../../scripts/setup.ts';
import { readBooks, readShop } from '../../scripts/simulated.ts';
import { findShopDifferences } from '../../scripts/verify.ts';
import { prestaShopKey, startPrestaShopSimulator, type PrestaShopSimulator } from '../../simulators/shop/prestashop.ts';
import type { ShopData } from '../../simulators/shop/types.ts';
import { startWooCommerceSimulator, type WooCommerceSimulator } from '../../simulators/shop/woocommerce.ts';
import type { ZohoOptions } from '../../simulators/zoho/options.ts';
import type { RunResult } from '../../workflows/messages.ts';
import { startInstallation, type Installation, type InstallationOptions } from './installation.ts';
import { unlimited } from './limits.ts';

export type ShopKind = 'woocommerce' | 'prestashop';

/** A simulated shop and its integration with Books. */
export interface Shop {
  readonly integrationId: string;
  readonly simulator: WooCommerceSimulator | PrestaShopSimulator;
  readonly world: WooCommerceSimulator['world'];
  /**
   * A person connects the shop, or connects it again with other settings. Our own count of calls is never what it waits for.
   *
   * @param setup what lies beside the settings, for instance `limits`
   */
  connect(settings?: Record<string, unknown>, setup?: Record<string, unknown>): Promise<void>;
  startImport(): Promise<RunResult>;
  sync(): Promise<RunResult>;
  /** Everything in Books that is not as this shop says it must be; none where all is exact, to the cent. */
  differences(): Promise<string[]>;
  close(): Promise<void>;
}

/** Opens a shop beside whatever is connected to an installation already; whoever opens it closes it. */
export async function openShop(installation: Pick<Installation, 'zoho' | 'connect' | 'bookbridge'>, data: ShopData, kind: ShopKind = 'woocommerce', id = `shop-${randomBytes(3).toString('hex')}`): Promise<Shop> {
  const simulator = kind === 'woocommerce' ? await startWooCommerceSimulator({ data }) : await startPrestaShopSimulator({ data });
  const { zoho } = installation;
  const organizationId = z.string().parse(zoho.state().organization['organization_id']);
  return {
    integrationId: id, simulator, world: simulator.world,
    connect: (settings = {}, setup = {}) => {
      const { woocommerce, ...page } = shopSetup({ id, organizationId, shopUrl: simulator.url, settings });
      const access = kind === 'woocommerce' ? { woocommerce } : { prestashop: { baseUrl: simulator.url, key: prestaShopKey } };
      return installation.connect(kind, { ...page, ...access, ...unlimited, ...setup });
    },
    startImport: async () => (await startImport(installation.bookbridge, id)).result(),
    sync: async () => (await startSync(installation.bookbridge, id)).result(),
    async differences() {
      const [books, shop] = await Promise.all([readBooks(zoho.url, organizationId), readShop(simulator.url)]);
      const isOurs = ({ custom_field_hash: { cf_bookbridge_id: key } }: { custom_field_hash: { cf_bookbridge_id: string } }) => key.startsWith(`${id}:`);
      return findShopDifferences(shop, { ...books, invoices: books.invoices.filter(isOurs), creditnotes: books.creditnotes.filter(isOurs) });
    },
    close: () => simulator.close(),
  };
}

/** All of Bookbridge and one shop, WooCommerce unless told. */
export interface ShopBridge extends Shop {
  readonly installation: Installation;
  readonly zoho: Installation['zoho'];
  readonly bookbridge: Installation['bookbridge'];
  stop(): Promise<void>;
}

type OrganizationOptions = NonNullable<ZohoOptions['organizations']>[number];

interface ShopBridgeOptions extends Omit<InstallationOptions, 'zoho'> {
  readonly data: ShopData;
  readonly kind?: ShopKind;
  readonly integrationId?: string;
  /** What is different about the organization in Books: unless told, it has the currency and the rates of the shop, and knows nobody. */
  readonly organization?: OrganizationOptions;
  readonly zoho?: Omit<ZohoOptions, 'organizations'>;
}

export async function startShopBridge({ data, kind, integrationId, organization, zoho: zohoOptions, ...options }: ShopBridgeOptions): Promise<ShopBridge> {
  const installation = await startInstallation({
    ...options,
    zoho: { limits: { minute: null, block: null, concurrent: null }, ...zohoOptions, organizations: [{ ...organizationOf(data), ...organization }] },
  });
  const shop = await openShop(installation, data, kind, integrationId);
  return {
    ...shop, installation, zoho: installation.zoho,
    get bookbridge() { return installation.bookbridge; },
    async stop() {
      await installation.stop();
      await shop.close();
    },
  };
}

/** Books as whoever keeps the shop's books has set it up: each rate is a tax, and rates that stand together on a product are a tax group. */
function organizationOf({ settings, taxRates, products }: ShopData): OrganizationOptions {
  const nameOf = (rateId: string) => taxRates.find(({ id }) => id === rateId)?.name ?? '';
  const groups = new Set(products.filter(({ taxRateIds }) => taxRateIds.length > 1).map(({ taxRateIds }) => taxRateIds.join('+')));
  return {
    name: settings.name, currency_code: settings.currency, price_precision: settings.digits, time_zone: settings.timeZone,
    taxes: taxRates.map(({ name, percentage }) => ({ tax_name: name, tax_percentage: Number(percentage) })),
    tax_groups: [...groups].map((ids) => ({ tax_group_name: ids.split('+').map(nameOf).join(' + '), taxes: ids.split('+').map(nameOf) })),
  };
}

const keyed = { custom_field_hash: z.object({ cf_bookbridge_id: z.string().optional() }) };
const documentFields = {
  ...keyed, reference_number: z.string(), customer_id: z.string(), customer_name: z.string(), status: z.string(), date: z.string(), total: z.number(), notes: z.string(), currency_code: z.string(),
  adjustment: z.number(), line_items: z.array(z.object({ name: z.string(), description: z.string(), quantity: z.number(), rate: z.number(), tax_name: z.string() })),
};
const booksSchema = z.object({
  contacts: z.array(z.object({
    ...keyed, contact_id: z.string(), contact_name: z.string(), company_name: z.string(), billing_address: z.object({ address: z.string(), city: z.string() }),
    contact_persons: z.array(z.object({ first_name: z.string(), last_name: z.string(), email: z.string() })),
  })),
  invoices: z.array(z.object({ invoice_id: z.string(), invoice_number: z.string(), ...documentFields })),
  creditnotes: z.array(z.object({ creditnote_id: z.string(), ...documentFields })),
});

/** What is in Books, as far as a shop has to do with it: contacts by name, documents by number of their order. Several are written at once, so Books has them in any order. */
export function booksOf({ zoho }: Pick<Installation, 'zoho'>): z.output<typeof booksSchema> {
  const { contacts, invoices, creditnotes } = booksSchema.parse(zoho.state());
  return {
    contacts: contacts.sort(by((contact) => contact.contact_name)),
    invoices: invoices.sort(by((invoice) => invoice.reference_number)),
    creditnotes: creditnotes.sort(by((note) => `${note.reference_number} ${note.custom_field_hash.cf_bookbridge_id ?? ''}`)),
  };
}

function by<T>(keyOf: (one: T) => string): (left: T, right: T) => number {
  return (left, right) => (keyOf(left) < keyOf(right) ? -1 : 1);
}

/** What waits for a person. */
export async function problemsOf({ bookbridge, integrationId }: Pick<ShopBridge, 'bookbridge' | 'integrationId'>) {
  return bookbridge.store.operations.problems(integrationId, { limit: 50 });
}
