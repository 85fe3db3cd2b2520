import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../domain/json.ts';
import { orders } from '../../../integrations/shop/orders.ts';
import { refusalOf } from '../../support/refusal-of.ts';
import { billingWith, contextWith, flowOf, lineWith, mapOrder, orderWith, recordOf, taxId, written } from './world.ts';

const flow = flowOf(orders);
const invoice = (status: string) => ({ id: '46-invoice', modifiedAt: null, data: { status, invoice_number: 'INV-7' } });
const accepted = (order: JsonObject, context = contextWith()) => flow.accept(recordOf(order), context);

describe('an order', () => {
  it('is sent once the shop counts it as paid', () => {
    expect(accepted(orderWith())).toBeNull();
    expect(accepted(orderWith({ status: 'on-hold', isPaid: false }))).toEqual({ code: 'not-paid', detail: 'status on-hold' });
  });

  it('is sent in the statuses of the settings, whatever the shop counts as paid', () => {
    const context = contextWith({ paidStatuses: ['wholesale'] });
    expect(accepted(orderWith({ status: 'wholesale', isPaid: false }), context)).toBeNull();
    expect(accepted(orderWith(), context)).toEqual({ code: 'not-paid', detail: 'status processing' });
  });

  it('is left to the books as they are where it was placed before the first day, by the clock of the settings', () => {
    const order = orderWith({ placedAt: '2025-12-31T23:30:00.000Z' });
    expect(accepted(order)).toBeNull();
    expect(accepted(order, contextWith({ timeZone: 'America/Toronto' }))).toEqual({ code: 'before-start', detail: 'placed on 2025-12-31, and orders are carried over from 2026-01-01' });
  });

  it('is found however long ago it was paid', () => {
    expect(accepted(orderWith({ placedAt: '2026-01-02T10:00:00.000Z', paidAt: '2026-01-02T10:00:00.000Z' }))).toBeNull();
  });

  it('waits for its buyer, and for nothing else', () => {
    expect(flow.references(recordOf(orderWith()), contextWith())).toEqual([{ side: 'other', resource: 'buyers', id: 'zoe@example.com:EUR', required: true }]);
  });

  it('that cannot be read says which field is wrong', () => {
    expect(accepted({ ...orderWith(), total: 'free' })).toBeNull();
    expect(refusalOf(() => mapOrder({ ...orderWith(), total: 'free' }))).toMatch(/^record-unreadable: total: /);
  });
});

describe('an invoice', () => {
  it('has the day of the order, its number and its contact, and is a draft as Books makes them', () => {
    const mapped = written(mapOrder(orderWith()));
    expect(mapped).toMatchObject({
      resource: 'invoices', key: 'shop:orders:1001', initial: {}, notes: [], expected: { field: 'total', total: '24' },
      fields: { customer_id: '46-contact', reference_number: '1001', date: '2026-11-21', currency_id: '46-EUR', is_inclusive_tax: true, adjustment: '0' },
    });
    expect(mapped.fields).not.toHaveProperty('status');
  });

  it('has a line for each product, with quantity, unit price, description and tax', () => {
    const order = orderWith({ lines: [lineWith({ description: 'Size: M', sku: 'GS-1' })] });
    expect(written(mapOrder(order)).fields['line_items']).toEqual([
      { name: 'Guitar strings', description: 'Size: M\nSKU: GS-1', quantity: '2', rate: '12', tax_id: taxId('TVA 20') },
    ]);
  });

  it('has prices without tax where the shop has', () => {
    const { fields } = written(mapOrder(orderWith({ pricesIncludeTax: false })));
    expect(fields).toMatchObject({ is_inclusive_tax: false, line_items: [{ rate: '10' }] });
  });

  it('has the key of its own shop, so that the same number in two shops is two invoices', () => {
    const context = { ...contextWith(), integrationId: 'second-shop' };
    expect(written(mapOrder(orderWith(), { context })).key).toBe('second-shop:orders:1001');
  });

  it('is made of an order that came to nothing, because goods left the shop', () => {
    const order = orderWith({ lines: [lineWith({ discount: '20', discountTax: '4' })], discountNames: ['gift'] });
    expect(written(mapOrder(order)).expected).toEqual({ field: 'total', total: '0' });
  });

  it('is not made of an order without lines', () => {
    const order = orderWith({ lines: [], total: '0', totalTax: '0' });
    expect(mapOrder(order)).toMatchObject({ kind: 'skip', finding: { code: 'order-empty' } });
    expect(flow.references(recordOf(order), contextWith())).toEqual([]);
  });

  it('is not made where nobody says who bought', () => {
    const order = orderWith({ billing: billingWith({ email: '', firstName: ' ', lastName: '' }) });
    expect(flow.references(recordOf(order), contextWith())).toEqual([]);
    expect(refusalOf(() => mapOrder(order))).toBe('value-missing: billing: neither e-mail nor name, so there is nobody to invoice');
  });

  it('is not made in a currency that Books does not have', () => {
    expect(refusalOf(() => mapOrder(orderWith({ currency: 'CHF' })))).toBe('currency-unknown: CHF: Books has only EUR, USD, JPY, KWD');
  });

  it('is not made of a total that the currency cannot have', () => {
    expect(refusalOf(() => mapOrder(orderWith({ currency: 'JPY', total: '24.5' })))).toBe('value-invalid: total: 24.5 has more decimals than JPY, which has 0 in Books');
  });
});

describe('an order that changes after its invoice was made', () => {
  const base = written(mapOrder(orderWith())).fields;

  it('is written again with what differs, as long as the invoice is a draft', () => {
    const more = orderWith({ lines: [lineWith({ quantity: '3', amount: '30', tax: '6' })] });
    expect(written(mapOrder(more, { base })).fields).toMatchObject({ line_items: [{ quantity: '3', rate: '12' }] });
    expect(flow.mayUpdate?.(invoice('draft'), { line_items: [] }, {})).toBeNull();
  });

  it.each(['sent', 'paid', 'overdue', 'void'])('is reported and not written where the invoice is %s', (status) => {
    expect(flow.mayUpdate?.(invoice(status), { line_items: [] }, {})).toEqual({ code: 'document-locked', detail: `the invoice INV-7 is ${status}` });
  });

  it('is deleted by a person only as long as it is a draft, or void', () => {
    expect(['draft', 'void', 'sent'].map((status) => flow.mayDelete?.(invoice(status))?.code ?? null)).toEqual([null, null, 'document-locked']);
  });
});

describe('an order that is cancelled', () => {
  const base = written(mapOrder(orderWith())).fields;
  const cancelled = orderWith({ status: 'cancelled', isPaid: false, isCancelled: true });

  it('and has no invoice is left out', () => {
    expect(mapOrder(cancelled)).toMatchObject({ kind: 'skip', finding: { code: 'not-paid', detail: 'status cancelled' } });
    expect(flow.references(recordOf(cancelled), contextWith())).toEqual([]);
  });

  it('has its invoice voided by the setting "void", draft or sent, with one call', () => {
    const mapped = written(mapOrder(cancelled, { base, context: contextWith({ refunds: 'void' }) }));
    expect(mapped).toMatchObject({ fields: { ...base, status: 'void' }, expected: null });
    expect(flow.mayUpdate?.({ id: '46', modifiedAt: null, data: { status: 'sent', invoice_number: 'INV-7' } }, { status: 'void' }, {})).toBeNull();
  });

  it.each(['credit-note', 'report'])('is reported to a person by the setting "%s"', (refunds) => {
    const mapped = mapOrder(cancelled, { base, context: contextWith({ refunds }) });
    expect(mapped).toMatchObject({ kind: 'skip', finding: { code: 'order-cancelled', detail: 'the order 1001 was cancelled' } });
    expect(mapped.kind === 'skip' && flow.leftBehind?.(mapped.finding)?.(invoice('draft'))).toEqual({ code: 'order-cancelled', detail: 'the order 1001 was cancelled' });
  });

  it('is nobody’s business any more once a person has voided its invoice', () => {
    expect(flow.leftBehind?.({ code: 'order-cancelled', detail: 'the order 1001 was cancelled' })?.(invoice('void'))).toBeNull();
  });

  it('and goes on after its invoice was voided is reported', () => {
    expect(refusalOf(() => mapOrder(orderWith(), { base: { ...base, status: 'void' } }))).toMatch(/^document-locked: the invoice of the order 1001 was voided/);
  });
});

describe('an order that is to have no invoice any more', () => {
  it.each([
    ['is not paid any more', orderWith({ status: 'on-hold', isPaid: false }), 'the order has the status on-hold'],
    ['has no lines any more', orderWith({ lines: [], total: '0', totalTax: '0' }), 'the order 1001 has no lines'],
  ])('because it %s is reported as long as its invoice stands', (_why, order, detail) => {
    const leftOut = accepted(order);
    const mapped = leftOut ? { kind: 'skip', finding: leftOut } as const : mapOrder(order, { base: written(mapOrder(orderWith())).fields });
    if (mapped.kind !== 'skip') throw new Error('it was not left out');
    expect(flow.leftBehind?.(mapped.finding)?.(invoice('sent'))).toEqual({ code: 'document-stale', detail: `the invoice INV-7 stands (sent), but ${detail}` });
    expect(flow.leftBehind?.(mapped.finding)?.(invoice('void'))).toBeNull();
  });

  it('because it was deleted in the shop, or lies before the first day by now, leaves the books as they are, and they are not asked', () => {
    expect(flow.leftBehind?.(null)).toBeNull();
    expect(flow.leftBehind?.({ code: 'before-start', detail: 'placed on 2025-12-31' })).toBeNull();
  });
});

describe('an order that was given back whole', () => {
  const base = written(mapOrder(orderWith())).fields;
  const givenBack = orderWith({ isPaid: false, status: 'refunded', refunds: [{ id: '7', total: orderWith()['total'] ?? '', reason: '' }] });

  it('keeps the customer of its invoice, and waits for no other', () => {
    const moved = { ...givenBack, billing: billingWith({ email: 'new@example.com' }) };
    expect(flow.references(recordOf(moved, base), contextWith())).toEqual([{ side: 'other', resource: 'buyers', id: 'new@example.com:EUR', required: false }]);
    expect(written(mapOrder(moved, { base, isBuyerKnown: false })).fields['customer_id']).toBe(base['customer_id']);
  });

  it('is not voided where a credit note gives it back already, by the settings of that time', () => {
    const context = contextWith({ refunds: 'void' });
    expect(flow.references(recordOf(givenBack, base), context)).toEqual([{ side: 'other', resource: 'refunds', id: '1001:7', required: false }]);
    expect(mapOrder(givenBack, { base, context, isCredited: true })).toMatchObject({ kind: 'skip', finding: { code: 'order-cancelled', detail: expect.stringContaining('there is a credit note for it') as string } });
    expect(written(mapOrder(givenBack, { base, context })).fields['status']).toBe('void');
  });

  it('and whose invoice was voided needs nothing more by other settings', () => {
    expect(mapOrder(givenBack, { base: { ...base, status: 'void' } })).toMatchObject({ kind: 'skip', finding: { code: 'refund-voided' } });
  });
});
