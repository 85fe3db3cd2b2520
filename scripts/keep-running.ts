import { relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { registerWebhook } from '../client/webhooks.ts';
import { makeLoaners, orderAgain, readBooks } from './simulated.ts';
import type { Systems } from './systems.ts';

const EVENT_EVERY_MS = 15_000;
const POLL_MS = 500;

/** A guest buys one of the first product. */
const order = { status: 'processing', lines: [{ productId: '11', quantity: 1 }], billing: { firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.org' } };

/** Business goes on: now and then a loaner is completed or something is bought, and the systems announce it. Ends with the process. */
export async function keepRunning({ bookbridge, webhookUrl, hectorUrl, shopUrl, zohoUrl, temporal, logFolder, envFile }: Systems, integrations: { readonly hector: string; readonly shop: string }, organizationId: string): Promise<never> {
  for (const id of Object.values(integrations)) await registerWebhook(bookbridge, id, webhookUrl);
  console.log(`\nIt goes on: every ${EVENT_EVERY_MS / 1000} seconds a loaner is completed or an order is paid, in turn, and announced to ${webhookUrl}; whatever is not announced, the schedules sync:${integrations.hector} and sync:${integrations.shop} find. Ctrl-C ends everything.`);
  console.log(`Temporal server: ${temporal.address}; logs: ${logFolder}`);
  const shownFile = relative(process.env['INIT_CWD'] ?? '.', envFile);
  console.log(`Commands for it, in another terminal: . ${shownFile.startsWith('.') ? shownFile : `./${shownFile}`} && npx bookbridge status`);
  const known = new Set((await readBooks(zohoUrl, organizationId)).invoices.map(({ invoice_id: id }) => id));
  let nextMs = Date.now() + POLL_MS;
  let eventMs = 0;
  let isLoaner = true;
  for (;;) {
    if (Date.now() >= nextMs) {
      await (isLoaner ? makeLoaners(hectorUrl, { count: 1, again: true }) : orderAgain(shopUrl, order));
      isLoaner = !isLoaner;
      eventMs = Date.now();
      nextMs = Date.now() + EVENT_EVERY_MS;
    }
    for (const invoice of (await readBooks(zohoUrl, organizationId)).invoices.filter(({ invoice_id: id }) => !known.has(id))) {
      known.add(invoice.invoice_id);
      console.log(`${new Date().toISOString().slice(11, 19)} UTC  ${invoice.custom_field_hash.cf_bookbridge_id.split(':')[1] ?? ''} ${invoice.reference_number} → invoice ${invoice.invoice_number}, ${invoice.customer_name}, ${invoice.total}, ${((Date.now() - eventMs) / 1000).toFixed(1)} s later`);
    }
    await delay(POLL_MS);
  }
}
