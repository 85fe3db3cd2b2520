import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../domain/json.ts';
import { courseOf, readOrder } from '../../../integrations/shop/course.ts';
import { refunds } from '../../../integrations/shop/refunds.ts';
import { amounts, contextWith, flowOf, frenchTaxes, knownWith, lineWith, mapOrder, mapRefund, orderWith, tva55, within, written, type BooksTaxes } from './world.ts';

const flow = flowOf(refunds);
const lines = [lineWith(), lineWith({ id: '2', name: 'Songbook', tax: '1.1', taxes: [tva55] })];
const order = (refunds: JsonObject[] = [{ id: '1', total: '12', reason: 'Torn' }]) => orderWith({ lines, refunds });
const refundWith = (different: JsonObject = {}): JsonObject => ({
  orderId: '1001', reason: 'Torn', refundedAt: '2026-12-01T09:00:00.000Z', total: '12', lines: [lineWith({ quantity: '1', amount: '10', tax: '2' })], ...different,
});
const accepted = (data: JsonObject, mode: string) => within(refunds, data, contextWith({ refunds: mode })).map((record) => flow.accept(record, contextWith({ refunds: mode }))?.code ?? null);

describe('a refund by the setting "credit-note"', () => {
  it('is a draft credit note for the lines that were given back, with the number of the order', () => {
    const mapped = written(mapRefund(refundWith(), order()));
    expect(mapped).toMatchObject({
      resource: 'creditnotes', key: 'shop:refunds:1001:1', expected: { field: 'total', total: '12' }, notes: [],
      fields: { customer_id: '46-contact', reference_number: '1001', date: '2026-12-01', is_draft: true, notes: 'Torn', is_inclusive_tax: true, adjustment: '0', currency_id: '46-EUR' },
    });
    expect(amounts(mapped)).toEqual(['Guitar strings: 1 × 12, TVA 20']);
  });

  it('of an amount is one line for each tax of the order, in the share of what was paid', () => {
    expect(amounts(mapRefund(refundWith({ lines: [], total: '10' }), order()))).toEqual(['Refund: 1 × 5.32, TVA 20', 'Refund: 1 × 4.68, TVA 5,5']);
  });

  it('of more than its lines has the rest beside them', () => {
    expect(amounts(mapRefund(refundWith({ total: '22' }), order()))).toEqual(['Guitar strings: 1 × 12, TVA 20', 'Refund: 1 × 5.32, TVA 20', 'Refund: 1 × 4.68, TVA 5,5']);
  });

  it('of less than its lines has the difference below zero', () => {
    expect(amounts(mapRefund(refundWith({ total: '2' }), order()))).toEqual(['Guitar strings: 1 × 12, TVA 20', 'Refund: 1 × -10, TVA 20']);
  });

  it('goes to the customer of the invoice, whoever the order names by now, because it can be applied to that only', () => {
    expect(written(mapRefund(refundWith(), order(), { base: { customer_id: '46-before' } })).fields).toMatchObject({ customer_id: '46-before' });
  });

  it('of an order whose invoice was voided, by the settings of that time, is not given back once more', () => {
    expect(mapRefund(refundWith(), order(), { base: { status: 'void' } })).toMatchObject({ kind: 'skip', finding: { code: 'refund-voided', detail: 'the invoice of the order 1001 was voided' } });
  });

  it('whose order has no invoice any more is reported as long as its credit note stands', () => {
    const note = (status: string) => ({ id: '46-note', modifiedAt: null, data: { status, creditnote_number: 'CN-1' } });
    const noInvoice = { code: 'not-paid', detail: 'the order 1001 has no invoice' } as const;
    expect(flow.leftBehind?.(noInvoice)?.(note('draft'))).toEqual({ code: 'document-stale', detail: 'the credit note CN-1 stands (draft), but the order 1001 has no invoice' });
    expect([flow.leftBehind?.(noInvoice)?.(note('void')), flow.leftBehind?.(null), flow.leftBehind?.({ code: 'refund-reported', detail: '' })]).toEqual([null, null, null]);
  });

  it('has discounts taken off its lines where those are fields, because a credit note has no such field', () => {
    const reduced = refundWith({ lines: [lineWith({ quantity: '1', amount: '10', tax: '2', discount: '5', discountTax: '1' })], total: '6' });
    const mapped = written(mapRefund(reduced, order(), { context: contextWith({ discountsAs: 'fields' }) }));
    expect(amounts(mapped)).toEqual(['Guitar strings: 1 × 6, TVA 20']);
    expect(mapped.fields).not.toHaveProperty('discount_type');
  });

  it('of an order that a fee took all off is a line of the first of its taxes', () => {
    const free = orderWith({ lines: [lineWith({ amount: '10', tax: '2' }), lineWith({ id: '2', kind: 'fee', name: 'Gift', quantity: '1', amount: '-10', tax: '-2' })], total: '0.01', totalTax: '0' });
    expect(amounts(mapRefund(refundWith({ lines: [], total: '0.01' }), free))).toEqual(['Refund: 1 × 0.01, TVA 20']);
    const mixed = orderWith({ lines: [lineWith({ amount: '10', tax: '2' }), lineWith({ id: '2', kind: 'fee', name: 'Gift', quantity: '1', amount: '-12', tax: '0', taxes: [] })], total: '0.01', totalTax: '0' });
    expect(amounts(mapRefund(refundWith({ lines: [], total: '0.01' }), mixed))).toEqual(['Refund: 1 × 0.01, TVA 20']);
  });

  it('waits for the invoice of its order, and knows its contact', () => {
    const [record] = within(refunds, order());
    expect(record && flow.references({ side: 'other', resource: 'refunds', id: record.id, data: record.data, link: null }, contextWith())).toEqual([
      { side: 'other', resource: 'orders', id: '1001', required: true }, { side: 'other', resource: 'buyers', id: 'zoe@example.com:EUR', required: false },
    ]);
  });

  it('of an order that never got an invoice is left out, and waits for nothing', () => {
    const given = { ...order([{ id: '1', total: '45.1', reason: '' }]), isPaid: false, status: 'refunded' };
    const [record] = within(refunds, given);
    expect(record && flow.references({ side: 'other', resource: 'refunds', id: record.id, data: record.data, link: null }, contextWith())[0]).toMatchObject({ required: false });
    expect(flow.map({ side: 'other', resource: 'refunds', id: '1001:1', data: refundWith(), link: null }, knownWith(given), contextWith())).toMatchObject({ kind: 'skip', finding: { code: 'not-paid', detail: 'the order 1001 has no invoice' } });
  });

  it('of nothing is left out', () => {
    expect(mapRefund(refundWith({ total: '0', lines: [] }), order())).toMatchObject({ kind: 'skip', finding: { code: 'order-empty' } });
  });

  it('has its own record in every order that may have an invoice, and in no other', () => {
    expect(within(refunds, order()).map(({ id }) => id)).toEqual(['1001:1']);
    expect(within(refunds, { ...order(), placedAt: '2025-01-01T00:00:00.000Z' })).toEqual([]);
    expect(within(refunds, { deleted: true })).toEqual([]);
  });

  it('is not changed once its credit note is no draft any more', () => {
    const note = (status: string) => ({ id: '46', modifiedAt: null, data: { status, creditnote_number: 'CN-1' } });
    expect(flow.mayUpdate?.(note('draft'), {}, {})).toBeNull();
    expect(flow.mayUpdate?.(note('open'), {}, {})).toEqual({ code: 'document-locked', detail: 'the credit note CN-1 is open' });
  });

  it('names the tax to create as an order does', () => {
    const taxes: BooksTaxes = { 'TVA 20': { percentage: '20' } };
    expect(() => mapRefund(refundWith({ lines: [], total: '10' }), order(), { taxes })).toThrow(/tax-unmatched: "TVA 5,5" of 5\.5 %/);
    expect(written(mapRefund(refundWith({ lines: [], total: '10' }), order(), { taxes: frenchTaxes })).kind).toBe('write');
  });
});

describe('a refund by the other settings', () => {
  const whole = [{ id: '1', total: '12', reason: '' }, { id: '2', total: '33.1', reason: '' }];

  it('"void" voids the invoice where everything was given back', () => {
    const base = written(mapOrder(order([]))).fields;
    const context = contextWith({ refunds: 'void' });
    expect(written(mapOrder({ ...order(whole), isPaid: false, status: 'refunded' }, { base, context })).fields['status']).toBe('void');
    expect(accepted(order(whole), 'void')).toEqual(['refund-voided', 'refund-voided']);
  });

  it('"void" reports what was given back in part, and leaves the invoice', () => {
    expect(accepted(order(), 'void')).toEqual(['refund-partial']);
    expect(courseOf(readOrder(order()), true, { paidStatuses: null, refunds: 'void' })).toBe('invoice');
  });

  it('"report" says what was given back, and does nothing', () => {
    expect(within(refunds, order(), contextWith({ refunds: 'report' })).map((record) => flow.accept(record, contextWith({ refunds: 'report' })))).toEqual([
      { code: 'refund-reported', detail: '12 of the order 1001: Torn' },
    ]);
    expect(courseOf(readOrder(order(whole)), true, { paidStatuses: null, refunds: 'report' })).toBe('invoice');
  });
});
