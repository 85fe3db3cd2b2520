import { z } from 'zod';

/** Reads and drives the simulators through their control routes, as their users would on their pages. */

/** The custom fields of a record, by their API names: whose key it carries tells which integration made it. */
const keyed = { custom_field_hash: z.object({ cf_bookbridge_id: z.string().default('') }) };

const invoiceSchema = z.object({
  invoice_id: z.string(), invoice_number: z.string(), reference_number: z.string(), customer_name: z.string(), status: z.string(),
  sub_total: z.coerce.string(), total: z.coerce.string(), currency_code: z.string(), ...keyed,
  line_items: z.array(z.object({ name: z.string(), rate: z.coerce.string(), quantity: z.coerce.string() })),
});

const booksSchema = z.object({
  contacts: z.array(z.object({ contact_name: z.string(), ...keyed })),
  items: z.array(z.object({ item_id: z.string(), name: z.string() })),
  invoices: z.array(invoiceSchema),
  creditnotes: z.array(z.object({ total: z.coerce.string(), ...keyed })),
});

const hectorSchema = z.object({
  parts: z.array(z.object({ description: z.string(), externalReference: z.string().nullable() })),
  places: z.array(z.object({ name: z.string(), externalReference: z.string().nullable() })),
});

const shopSchema = z.object({
  orders: z.array(z.object({ id: z.string(), number: z.string(), status: z.string(), currency: z.string(), total: z.coerce.string(), refunds: z.array(z.object({ id: z.string(), total: z.coerce.string() })) })),
});

const summarySchema = z.object({ calls: z.number(), limited: z.number(), byRoute: z.record(z.string(), z.number()) });

export type SimulatedBooks = z.output<typeof booksSchema>;
export type SimulatedHector = z.output<typeof hectorSchema>;
export type SimulatedShop = z.output<typeof shopSchema>;
export type Summary = z.output<typeof summarySchema>;

/** @param organizationId whose books */
export const readBooks = (url: string, organizationId: string) => read(`${url}/_simulator/state?organization=${organizationId}`, booksSchema);
export const readHector = (url: string) => read(`${url}/_simulator/state`, hectorSchema);
export const readShop = (url: string) => read(`${url}/_simulator/state`, shopSchema);
export const readSummary = (url: string) => read(`${url}/_simulator/summary`, summarySchema);

/**
 * Lets planned loaners happen in Hector.
 *
 * @param request how many (all that are left by default); `again`: begin anew when all have happened
 * @returns how many happened
 */
export async function makeLoaners(url: string, request: { count?: number; again?: boolean } = {}): Promise<void> {
  const response = await fetch(`${url}/_simulator/loaners`, { method: 'POST', body: JSON.stringify(request) });
  if (!response.ok) throw new Error(`The simulated Hector made no loaners: ${await response.text()}`);
}

/** Customers pay what they have ordered on account. */
export async function payWhatIsOpen(url: string): Promise<void> {
  const { orders } = await readShop(url);
  for (const { id, status } of orders) {
    if (status === 'on-hold' || status === 'pending') await tell(url, 'orders/pay', { id });
  }
}

/** Somebody buys what somebody else has bought before, and pays. */
export async function orderAgain(url: string, order: unknown): Promise<void> {
  await tell(url, 'orders', order);
}

async function tell(url: string, what: string, body: unknown): Promise<void> {
  const response = await fetch(`${url}/_simulator/${what}`, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`The simulated shop refused ${what}: ${await response.text()}`);
}

async function read<T>(url: string, schema: z.ZodType<T>): Promise<T> {
  const response = await fetch(url);
  return schema.parse(await response.json());
}
