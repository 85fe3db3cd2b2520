import { z } from 'zod';

/** Reads and drives the simulators through their control routes, as their users would on their pages. */

const invoiceSchema = z.object({
  invoice_id: z.string(), invoice_number: z.string(), reference_number: z.string(), customer_name: z.string(), status: z.string(),
  sub_total: z.coerce.string(), total: z.coerce.string(),
  line_items: z.array(z.object({ name: z.string(), rate: z.coerce.string(), quantity: z.coerce.string() })),
});

const booksSchema = z.object({
  contacts: z.array(z.object({ contact_name: z.string() })),
  items: z.array(z.object({ item_id: z.string(), name: z.string() })),
  invoices: z.array(invoiceSchema),
});

const hectorSchema = z.object({
  parts: z.array(z.object({ description: z.string(), externalReference: z.string().nullable() })),
  places: z.array(z.object({ name: z.string(), externalReference: z.string().nullable() })),
});

const summarySchema = z.object({ calls: z.number(), limited: z.number(), byRoute: z.record(z.string(), z.number()) });

export type SimulatedBooks = z.output<typeof booksSchema>;
export type SimulatedHector = z.output<typeof hectorSchema>;
export type Summary = z.output<typeof summarySchema>;

/** @param organizationId whose books */
export const readBooks = (url: string, organizationId: string) => read(`${url}/_simulator/state?organization=${organizationId}`, booksSchema);
export const readHector = (url: string) => read(`${url}/_simulator/state`, hectorSchema);
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

async function read<T>(url: string, schema: z.ZodType<T>): Promise<T> {
  const response = await fetch(url);
  return schema.parse(await response.json());
}
