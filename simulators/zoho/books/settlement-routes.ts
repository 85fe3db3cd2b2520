import { z } from 'zod';
import { decimal } from '../../../domain/money.ts';
import { jsonBody } from '../../kit/call.ts';
import { balanceOf as creditsOf } from './creditnotes.ts';
import { textOf } from './fields.ts';
import { amount, idText, read, text } from './input.ts';
import { balanceOf } from './invoices.ts';
import type { Organization } from './organization.ts';
import { invalidValue, missingValue, notFound, wrongStatus } from './refusal.ts';
import { done, type BooksCall, type BooksRoute } from './route.ts';
import type { Settlement } from './settlements.ts';
import type { BooksRecord } from './table.ts';

const shareInput = z.object({ invoice_id: idText, amount_applied: amount });
const creditInput = z.object({ invoices: z.array(shareInput).optional() });
const paymentInput = z.object({
  customer_id: idText, payment_mode: text(100).optional(), amount, date: z.iso.date().optional(), invoices: z.array(shareInput).min(1),
});

/** Credits and payments of invoices: Zoho Books API v3, Credit Notes ("Credit to an invoice"), Invoices, Customer Payments. */
export function settlementRoutes(): BooksRoute[] {
  return [
    { method: 'POST', path: '/creditnotes/:id/invoices', handle: creditInvoices },
    {
      method: 'GET',
      path: '/creditnotes/:id/invoices',
      handle: (call) => done({ invoices_credited: call.organization.settlements.from(recordOf(call, 'creditnotes').id).map((one) => creditedInvoice(call.organization, one)) }),
    },
    {
      method: 'DELETE',
      path: '/creditnotes/:id/invoices/:settlementId',
      handle: (call) => {
        take(call, call.organization.settlements.from(recordOf(call, 'creditnotes').id));
        return done({}, 'Credits applied to an invoice have been deleted.');
      },
    },
    {
      method: 'GET',
      path: '/invoices/:id/creditsapplied',
      handle: (call) => done({ credits: settledBy(call, 'creditnote').map((one) => appliedCredit(call.organization, one)) }),
    },
    {
      method: 'GET',
      path: '/invoices/:id/payments',
      handle: (call) => done({ payments: settledBy(call, 'payment').map(({ id, sourceId, invoiceId, amount: paid, date }) => ({ payment_id: sourceId, invoice_payment_id: id, invoice_id: invoiceId, amount: paid, date })) }),
    },
    {
      method: 'DELETE',
      path: '/invoices/:id/payments/:settlementId',
      handle: (call) => {
        take(call, settledBy(call, 'payment'));
        return done({}, 'The payment has been deleted.');
      },
    },
    { method: 'POST', path: '/customerpayments', handle: pay },
  ];
}

function creditInvoices(call: BooksCall) {
  const { organization } = call;
  const creditnote = recordOf(call, 'creditnotes');
  const { invoices } = read(creditInput, body(call));
  if (!invoices || invoices.length === 0) throw missingValue('invoices');
  if (creditnote.status !== 'open') throw wrongStatus('Only an open credit note can be applied to invoices.');
  const shares = sharesOf(organization, invoices, textOf(creditnote.fields, 'customer_id'), creditsOf(organization, creditnote));
  // A draft owes nothing yet.
  if (shares.some(({ invoice }) => invoice.status !== 'sent')) throw wrongStatus('Credits can only be applied to invoices that have been sent.');
  settle(call, shares, { kind: 'creditnote', sourceId: creditnote.id, date: organization.clock.date(call.nowMs) });
  return done({}, 'Credits have been applied to the invoice(s).');
}

/** A payment makes a draft a sent invoice. */
function pay(call: BooksCall) {
  const { organization } = call;
  const given = read(paymentInput, body(call));
  const shares = sharesOf(organization, given.invoices, given.customer_id, given.amount?.toNumber() ?? 0);
  const paymentId = organization.nextId();
  const date = given.date ?? organization.clock.date(call.nowMs);
  settle(call, shares, { kind: 'payment', sourceId: paymentId, date });
  const payment = { payment_id: paymentId, payment_mode: given.payment_mode ?? '', amount: given.amount?.toNumber() ?? 0, date, customer_id: given.customer_id };
  return done({ payment }, 'The payment from the customer has been recorded', 201);
}

interface Share {
  readonly invoice: BooksRecord;
  readonly amount: number;
}

/** @throws BooksRefusal where an invoice is another customer's or void, or less is owed or left than is to be applied */
function sharesOf(organization: Organization, given: readonly z.output<typeof shareInput>[], customerId: string, available: number): Share[] {
  const shares = given.map(({ invoice_id: invoiceId, amount_applied: applied }) => {
    const invoice = organization.invoices.get(invoiceId);
    if (!invoice) throw notFound('Invoice');
    if (textOf(invoice.fields, 'customer_id') !== customerId) throw invalidValue('invoice_id');
    if (!applied?.isPositive() || applied.isZero() || applied.greaterThan(balanceOf(organization, invoice))) throw invalidValue('amount_applied');
    return { invoice, amount: applied.toNumber() };
  });
  const applied = shares.reduce((sum, { amount: share }) => sum.plus(share), decimal(0));
  if (applied.greaterThan(available)) throw invalidValue('amount_applied');
  return shares;
}

function settle({ organization, nowMs }: BooksCall, shares: readonly Share[], source: Pick<Settlement, 'kind' | 'sourceId' | 'date'>): void {
  for (const { invoice, amount: applied } of shares) {
    organization.settlements.add({ id: organization.nextId(), ...source, invoiceId: invoice.id, amount: applied });
    organization.invoices.put({ ...invoice, status: 'sent', modifiedMs: nowMs });
  }
  const creditnote = organization.creditnotes.get(source.sourceId);
  if (creditnote) organization.creditnotes.put({ ...creditnote, modifiedMs: nowMs });
  organization.contacts.touch();
}

function take({ organization, call }: BooksCall, among: readonly Settlement[]): void {
  const settlement = among.find(({ id }) => id === call.params['settlementId']);
  if (!settlement) throw notFound('Credit');
  organization.settlements.remove(settlement);
  for (const table of [organization.invoices, organization.creditnotes, organization.contacts]) table.touch();
}

function settledBy(call: BooksCall, kind: Settlement['kind']): Settlement[] {
  return call.organization.settlements.to(recordOf(call, 'invoices').id).filter((one) => one.kind === kind);
}

function creditedInvoice(organization: Organization, { id, sourceId, invoiceId, amount: credited, date }: Settlement) {
  return {
    creditnote_id: sourceId, creditnote_invoice_id: id, invoice_id: invoiceId, date, credited_amount: credited,
    invoice_number: textOf(organization.invoices.get(invoiceId)?.fields, 'invoice_number'),
    creditnote_number: textOf(organization.creditnotes.get(sourceId)?.fields, 'creditnote_number'),
  };
}

function appliedCredit(organization: Organization, { id, sourceId, amount: applied, date }: Settlement) {
  const creditnote = organization.creditnotes.get(sourceId);
  return { creditnote_id: sourceId, creditnotes_invoice_id: id, creditnotes_number: textOf(creditnote?.fields, 'creditnote_number'), credited_date: date, amount_applied: applied };
}

function recordOf({ organization, call }: BooksCall, table: 'invoices' | 'creditnotes'): BooksRecord {
  const record = organization[table].get(call.params['id'] ?? '');
  if (!record) throw notFound(table === 'invoices' ? 'Invoice' : 'Credit note');
  return record;
}

function body({ call }: BooksCall): unknown {
  return jsonBody(call) ?? {};
}
