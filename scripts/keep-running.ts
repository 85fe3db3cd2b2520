import { relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeLoaners, readBooks } from './simulated.ts';
import type { Systems } from './systems.ts';

const LOANER_EVERY_MS = 15_000;
const POLL_MS = 1_000;

/** Business goes on: now and then a loaner is completed, and the scheduled sync finds it. Ends with the process. */
export async function keepRunning({ hectorUrl, zohoUrl, temporal, logFolder, envFile }: Systems, integrationId: string, organizationId: string): Promise<never> {
  console.log(`\nIt goes on: a loaner is completed every ${LOANER_EVERY_MS / 1000} seconds, and the schedule sync:${integrationId} finds it. Ctrl-C ends everything.`);
  console.log(`Temporal server: ${temporal.address}; logs: ${logFolder}`);
  const shownFile = relative(process.env['INIT_CWD'] ?? '.', envFile);
  console.log(`Commands for it, in another terminal: . ${shownFile.startsWith('.') ? shownFile : `./${shownFile}`} && npx bookbridge status`);
  const known = new Set((await readBooks(zohoUrl, organizationId)).invoices.map(({ invoice_id: id }) => id));
  let nextMs = Date.now() + POLL_MS;
  for (;;) {
    if (Date.now() >= nextMs) {
      await makeLoaners(hectorUrl, { count: 1, again: true });
      nextMs = Date.now() + LOANER_EVERY_MS;
    }
    for (const invoice of (await readBooks(zohoUrl, organizationId)).invoices.filter(({ invoice_id: id }) => !known.has(id))) {
      known.add(invoice.invoice_id);
      console.log(`${new Date().toISOString().slice(11, 19)} UTC  loaner ${invoice.reference_number} → invoice ${invoice.invoice_number}, ${invoice.customer_name}, ${invoice.total}`);
    }
    await delay(POLL_MS);
  }
}
