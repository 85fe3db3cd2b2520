import { relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { registerWebhook } from '../client/webhooks.ts';
import { makeLoaners, readBooks } from './simulated.ts';
import type { Systems } from './systems.ts';

const LOANER_EVERY_MS = 15_000;
const POLL_MS = 500;

/** Business goes on: now and then a loaner is completed, and Hector announces it. Ends with the process. */
export async function keepRunning({ bookbridge, webhookUrl, hectorUrl, zohoUrl, temporal, logFolder, envFile }: Systems, integrationId: string, organizationId: string): Promise<never> {
  await registerWebhook(bookbridge, integrationId, webhookUrl);
  console.log(`\nIt goes on: a loaner is completed every ${LOANER_EVERY_MS / 1000} seconds, and Hector announces it to ${webhookUrl}; whatever is not announced, the schedule sync:${integrationId} finds. Ctrl-C ends everything.`);
  console.log(`Temporal server: ${temporal.address}; logs: ${logFolder}`);
  const shownFile = relative(process.env['INIT_CWD'] ?? '.', envFile);
  console.log(`Commands for it, in another terminal: . ${shownFile.startsWith('.') ? shownFile : `./${shownFile}`} && npx bookbridge status`);
  const known = new Set((await readBooks(zohoUrl, organizationId)).invoices.map(({ invoice_id: id }) => id));
  let nextMs = Date.now() + POLL_MS;
  let completedMs = 0;
  for (;;) {
    if (Date.now() >= nextMs) {
      await makeLoaners(hectorUrl, { count: 1, again: true });
      completedMs = Date.now();
      nextMs = Date.now() + LOANER_EVERY_MS;
    }
    for (const invoice of (await readBooks(zohoUrl, organizationId)).invoices.filter(({ invoice_id: id }) => !known.has(id))) {
      known.add(invoice.invoice_id);
      console.log(`${new Date().toISOString().slice(11, 19)} UTC  loaner ${invoice.reference_number} → invoice ${invoice.invoice_number}, ${invoice.customer_name}, ${invoice.total}, ${((Date.now() - completedMs) / 1000).toFixed(1)} s after it was completed`);
    }
    await delay(POLL_MS);
  }
}
