import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../domain/json.ts';
import { loaners } from '../../../integrations/hector/loaners.ts';
import { refusalOf } from '../../support/refusal-of.ts';
import { contextWith, flowOf, linesOf, loaner, mapLoaner, recordOf, written } from './world.ts';

const flow = flowOf(loaners);
const references = (different: JsonObject, settings: JsonObject = {}) =>
  flow.references(recordOf({ ...loaner, ...different }), contextWith(settings)).map(({ resource, id, required }) => [resource, id, required]);

describe('a loaner is taken up', () => {
  it('when its status is one of those that count as completed, whatever their labels are', () => {
    const context = contextWith({ completedStatusIds: ['st-08', 'st-11'] });
    expect(flow.accept(recordOf({ ...loaner, statusId: 'st-11' }), context)).toBeNull();
    expect(flow.accept(recordOf({ ...loaner, statusId: 'st-05' }), context)).toEqual({ code: 'not-completed', detail: 'status st-05' });
  });

  it('not while a part of it is still out: it is billed once, when its status says that all is back', () => {
    const context = contextWith({ completedStatusIds: ['completed'] });
    const partly = { ...loaner, returnedAt: '2026-03-01T12:00:00Z', lines: [{ id: '1', kind: 'part', itemId: 'laptop', description: 'Laptop', quantity: 1 }] };
    expect(flow.accept(recordOf({ ...partly, statusId: 'in-progress' }), context)).toMatchObject({ code: 'not-completed' });
    expect(flow.accept(recordOf({ ...partly, statusId: 'completed' }), context)).toBeNull();
  });

  it('never without a status', () => {
    expect(flow.accept(recordOf({ number: 'LO-1' }), contextWith())).toMatchObject({ code: 'not-completed' });
  });
});

describe('a loaner waits', () => {
  it('for its customer, and for no item: an item that never came from Books must not hold the invoice up', () => {
    expect(references({})).toEqual([['customers', 'c-1', true], ['parts', 'laptop', false]]);
    expect(references({}, { useHectorCustomers: false })).toEqual([['users', 'u-1', true], ['parts', 'laptop', false]]);
  });

  it('and for no Penalty Item, which is referred to where it has penalties', () => {
    const penalties = [{ type: 'amount', value: '5', reason: 'late' }];
    expect(references({ penalties })).toEqual([['customers', 'c-1', true], ['parts', 'laptop', false], ['items', '46-penalty', false]]);
    expect(references({ penalties }, { penaltyItemId: null })).toEqual([['customers', 'c-1', true], ['parts', 'laptop', false]]);
  });

  it('names what is in a kit, and places as places', () => {
    const lines = [
      { kind: 'kit', itemId: null, quantity: 1, components: [{ partId: 'mic', quantity: 2 }, { partId: 'projector', quantity: 1 }] },
      { kind: 'place', itemId: 'room', quantity: 1 },
    ];
    expect(references({ lines })).toEqual([['customers', 'c-1', true], ['parts', 'mic', false], ['parts', 'projector', false], ['places', 'room', false]]);
  });

  it('for nobody where there is nothing to invoice', () => {
    expect(references({ lines: [] })).toEqual([]);
    expect(references({ customerId: null })).toEqual([['parts', 'laptop', false]]);
  });
});

describe('the invoice of a loaner', () => {
  it('has the key of the loaner, its customer and the total that Books must come to', () => {
    expect(written(mapLoaner({}))).toMatchObject({
      resource: 'invoices', key: 'hector:loaners:l-1', fields: { customer_id: '46-c-1' }, expected: { field: 'sub_total', total: '108.00', currency: { field: 'currency_code', code: 'CAD' } },
    });
    expect(written(mapLoaner({}, { context: contextWith({ useHectorCustomers: false }) })).fields['customer_id']).toBe('46-u-1');
  });

  it('cannot be made for nobody', () => {
    expect(refusalOf(() => mapLoaner({ customerId: null }))).toBe('value-missing: customer: the loaner has none to invoice');
    expect(refusalOf(() => mapLoaner({ userId: null }, { context: contextWith({ useHectorCustomers: false }) }))).toMatch(/^value-missing: user: /);
  });

  it.each([['sent'], ['paid'], ['void'], ['overdue'], ['partially_paid']])('is not touched any more once it is %s', (status) => {
    expect(flow.mayUpdate?.({ id: '46-l-1', modifiedAt: null, data: { status, invoice_number: 'INV-000007' } }, { notes: 'x' }, {})).toEqual({
      code: 'document-locked', detail: `the invoice INV-000007 is ${status}`,
    });
  });

  it('is changed as long as it is a draft', () => {
    expect(flow.mayUpdate?.({ id: '46-l-1', modifiedAt: null, data: { status: 'draft', invoice_number: 'INV-000007' } }, { notes: 'x' }, {})).toBeNull();
  });

  it('may stand as it is, unless it is void', () => {
    const refusals = ['draft', 'sent', 'paid', 'void'].map((status) => flow.mayUpdate?.({ id: '46-l-1', modifiedAt: null, data: { status, invoice_number: 'INV-000007' } }, {}, {})?.code ?? null);
    expect(refusals).toEqual([null, null, null, 'document-locked']);
  });

  const penalties = [{ type: 'amount', value: '25.00', reason: 'late', description: 'Late\nby a day' }];
  const base = written(mapLoaner({ penalties })).fields;
  const changed = { line_items: written(mapLoaner({ penalties, returnedAt: '2026-10-06T13:00:00-04:00' })).fields['line_items'] ?? [] };
  /** The invoice as Books shows it: its own ids, and whatever it has made of the lines. */
  const inBooks = (...lines: JsonObject[]) => ({ id: '46-l-1', modifiedAt: null, data: { status: 'draft', invoice_number: 'INV-000007', line_items: lines.map((line, index) => ({ line_item_id: `46-${index}`, ...line })) } });
  const [first, second] = linesOf(mapLoaner({ penalties }));
  const own = { item_total: '108', tax_id: '46-tax', discount: '0' };

  it('keeps the lines and discounts that a person gave it in Books', () => {
    const detailOf = (...lines: JsonObject[]) => flow.mayUpdate?.(inBooks(...lines), changed, base)?.detail;
    expect(detailOf({ ...first }, { ...second }, { item_id: '46-room', rate: '7', quantity: '1' })).toBe('the draft INV-000007 was changed in Books: line_items 3 entries instead of 2 entries');
    expect(detailOf({ ...first, discount: '10%' }, { ...second })).toBe('the draft INV-000007 was changed in Books: line_items.0.discount 10%');
    expect(detailOf({ ...first, rate: '4.4' }, { ...second })).toBe('the draft INV-000007 was changed in Books: line_items.0.rate 4.4 instead of 4.5');
    expect(flow.mayUpdate?.(inBooks({ ...first, rate: '4.4' }, { ...second }), { notes: 'x' }, base)).toBeNull();
  });

  it('is not taken for one that a person changed where Books has added or rounded something, or an attempt has written it already', () => {
    expect(flow.mayUpdate?.(inBooks({ ...first, ...own }, { ...second, ...own, name: 'Penalty', unit: 'pcs', description: 'Late\r\nby a day' }), changed, base)).toBeNull();
    expect(flow.mayUpdate?.(inBooks({ ...first, rate: '4.57', unit: 'day' }), changed, { line_items: [{ ...first, rate: '4.5678', unit: '' }] })).toBeNull();
    expect(flow.mayUpdate?.(inBooks(...(changed.line_items as JsonObject[])), changed, base)).toBeNull();
    expect(flow.mayUpdate?.(inBooks({ ...first, rate: '1' }), changed, {})).toBeNull();
  });

  it('loses its notes when the loaner does, and keeps those of Books where the loaner never had any', () => {
    expect(written(mapLoaner({ notes: null }, { base: { notes: 'Handle with care' } })).fields['notes']).toBe('');
    expect(written(mapLoaner({ notes: 'Fragile' }, { base: { notes: 'Handle with care' } })).fields['notes']).toBe('Fragile');
    expect(written(mapLoaner({ notes: '' }, { base: {} })).fields).not.toHaveProperty('notes');
  });
});

describe('a loaner that cannot be read', () => {
  it.each([
    [{ number: null }, 'number'],
    [{ plannedStartAt: '2026-10-05 12:00' }, 'plannedStartAt'],
    [{ returnedAt: 'yesterday' }, 'returnedAt'],
    [{ startedAt: '2026-02-30T12:00:00Z' }, 'startedAt'],
    [{ lines: null }, 'lines'],
    [{ lines: [{ kind: 'vehicle', itemId: 'x', quantity: 1 }] }, 'lines.0.kind'],
    [{ lines: [{ kind: 'part', itemId: 'x', quantity: 0 }] }, 'lines.0.quantity'],
    [{ lines: [{ kind: 'part', itemId: 'x', quantity: 1.5 }] }, 'lines.0.quantity'],
    [{ lines: [{ kind: 'part', itemId: 'x', quantity: -1 }] }, 'lines.0.quantity'],
    [{ penalties: [{ type: 'amount', value: 'ten', reason: 'late' }] }, 'penalties.0.value'],
    [{ penalties: [{ type: 'coffee', value: '1', reason: 'late' }] }, 'penalties.0.type'],
  ])('%j: the field is named', (different, field) => {
    expect(refusalOf(() => mapLoaner(different))).toMatch(new RegExp(`^record-unreadable: ${field}: `));
  });

  it('is read without the fields that may be missing, and with those that nobody knows', () => {
    const { number, statusId, customerId, plannedStartAt, plannedEndAt, lines } = loaner;
    const bare = { number: number ?? '', statusId: statusId ?? '', customerId: customerId ?? '', plannedStartAt: plannedStartAt ?? '', plannedEndAt: plannedEndAt ?? '', lines: lines ?? [], colour: 'red' };
    const here = { ...recordOf(bare) };
    expect(flow.references(here, contextWith())).toHaveLength(2);
  });
});
