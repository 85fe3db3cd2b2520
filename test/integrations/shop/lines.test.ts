import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../domain/json.ts';
import { refusalOf } from '../../support/refusal-of.ts';
import { addedUp, adjustmentOf, amounts, contextWith, frenchTaxes, lineWith, linesOf, mapOrder, orderWith, taxId, tva20, tva55, written, type BooksTaxes } from './world.ts';

const gst: JsonObject = { id: '3', name: 'GST', percentage: '5' };
const qst: JsonObject = { id: '4', name: 'QST', percentage: '9.975' };

/** The taxes that the lines of an order get, or why they get none. */
function taxesOf(lines: readonly JsonObject[], taxes: BooksTaxes, settings: JsonObject = {}): string {
  return refusalOf(() => {
    const mapped = mapOrder(orderWith({ pricesIncludeTax: false, lines: [...lines] }), { taxes, context: contextWith(settings) });
    throw new Error(linesOf(mapped).map(({ tax_id: id }) => (typeof id === 'string' ? id : 'none')).join(' '));
  });
}

function taxIds(lines: readonly JsonObject[], taxes: BooksTaxes, settings: JsonObject = {}): unknown[] {
  const mapped = mapOrder(orderWith({ pricesIncludeTax: false, lines: [...lines] }), { taxes, context: contextWith(settings) });
  return linesOf(mapped).map(({ tax_id: id }) => id);
}

describe('the tax of a line', () => {
  it('is the one of Books with its percentage, whatever it is called', () => {
    expect(taxIds([lineWith(), lineWith({ amount: '100', tax: '5.5', taxes: [tva55] })], { 'Taux normal': { percentage: '20' }, 'Taux réduit': { percentage: '5.5' } }))
      .toEqual([taxId('Taux normal'), taxId('Taux réduit')]);
  });

  it('is the one with its name too where several have its percentage, but for case, blanks and signs', () => {
    expect(taxIds([lineWith({ taxes: [{ ...tva20, name: 'tva 20 %' }] })], { 'TVA 20%': { percentage: '20' }, 'TVA 20% import': { percentage: '20' } })).toEqual([taxId('TVA 20%')]);
  });

  it('is asked for where several have its percentage and none its name, naming them and the setting', () => {
    expect(taxesOf([lineWith()], { Goods: { percentage: '20' }, Services: { percentage: '20' } }))
      .toBe('tax-ambiguous: "TVA 20" of 20 %: Books has 46-Goods "Goods", 46-Services "Services"; name one of their ids in settings.taxes under "1" or "20%"');
  });

  it('is asked for where none has its percentage, naming what to create', () => {
    expect(taxesOf([lineWith({ taxes: [{ ...tva20, percentage: '19.6' }], tax: '3.92' })], frenchTaxes))
      .toBe('tax-unmatched: "TVA 20" of 19.6 %: no active tax of Books has 19.6 %; create a tax of 19.6 %, or name the id of one in settings.taxes under "1" or "19.6%"');
  });

  it('is never an inactive one', () => {
    expect(taxesOf([lineWith()], { 'TVA 20': { percentage: '20', inactive: true } })).toMatch(/^tax-unmatched: /);
    expect(taxIds([lineWith()], { 'TVA 20': { percentage: '20', inactive: true }, 'TVA 20 new': { percentage: '20' } })).toEqual([taxId('TVA 20 new')]);
  });

  it.each(['1', '20%', '20.0 %'])('is the one that the settings name under %j', (key) => {
    expect(taxIds([lineWith()], { Goods: { percentage: '20' }, Services: { percentage: '20' } }, { taxes: { [key]: taxId('Services') } })).toEqual([taxId('Services')]);
  });

  it('is never one of the settings that has another percentage, or is gone', () => {
    expect(taxesOf([lineWith()], frenchTaxes, { taxes: { 1: taxId('TVA 5,5') } })).toContain('settings.taxes names 46-TVA 5,5 "TVA 5,5", which is of 5.5 %');
    expect(taxesOf([lineWith()], frenchTaxes, { taxes: { 1: '999' } })).toContain('settings.taxes names 999, which is no active tax of Books');
  });

  it('is none where the shop has none', () => {
    expect(taxIds([lineWith({ tax: '0', taxes: [] })], frenchTaxes)).toEqual([undefined]);
  });

  it('of 0 % is that of Books, or none where Books has none', () => {
    const exempt = lineWith({ tax: '0', taxes: [{ id: '9', name: 'Export', percentage: '0' }] });
    expect(taxIds([exempt], frenchTaxes)).toEqual([taxId('TVA 0')]);
    expect(taxIds([exempt], { 'TVA 20': { percentage: '20' } })).toEqual([undefined]);
  });

  it('of several rates is the tax group of their sum', () => {
    const line = lineWith({ amount: '100', tax: '14.975', taxes: [gst, qst] });
    expect(taxIds([line], { 'GST + QST': { percentage: '14.975', group: ['5', '9.975'] }, Other: { percentage: '14.975' } })).toEqual([taxId('GST + QST')]);
    expect(taxesOf([line], frenchTaxes)).toContain('create a tax group of "GST" of 5 % and "QST" of 9.975 %, 14.975 % in all, or name the id of one in settings.taxes under "3+4" or "14.975%"');
  });

  it('of rates on top of each other is that of what they come to', () => {
    const line = lineWith({ amount: '100', tax: '15.5', taxes: [gst, { ...qst, percentage: '10' }] });
    expect(taxIds([line], { 'Both, compound': { percentage: '15.5' }, Both: { percentage: '15' } })).toEqual([taxId('Both, compound')]);
  });

  it('of several rates is what the shop says they are, however little the tax shows it', () => {
    const books: BooksTaxes = { 'Both, compound': { percentage: '15.5' }, Both: { percentage: '15' } };
    const line = (tax: string, isCompound: boolean) => lineWith({ amount: '0.60', tax, taxes: [{ ...gst, isCompound: false }, { ...qst, percentage: '10', isCompound }] });
    expect(taxIds([line('0.09', true)], books)).toEqual([taxId('Both, compound')]);
    expect(taxIds([line('0.093', false)], books)).toEqual([taxId('Both')]);
  });

  it('of rates on each other is theirs in whichever order the shop names them', () => {
    const line = lineWith({ amount: '100', tax: '15.5', taxes: [{ ...qst, percentage: '10', isCompound: true }, { ...gst, isCompound: false }] });
    expect(taxIds([line], { 'Both, compound': { percentage: '15.5' } })).toEqual([taxId('Both, compound')]);
  });

  it('of several rates is not taken for a compound one because each line was rounded to a whole yen', () => {
    // 3 × (2.6 + 5.187 yen), rounded to 3 and 5, is nearer to 5 % and 10.47375 %.
    const lines = [1, 2, 3].map((id) => lineWith({ id: String(id), amount: '52', tax: '8', taxes: [gst, qst] }));
    const books: BooksTaxes = { 'GST + QST': { percentage: '14.975', group: ['5', '9.975'] } };
    expect(linesOf(mapOrder(orderWith({ currency: 'JPY', pricesIncludeTax: false, total: '180', totalTax: '24', lines }), { taxes: books })).map(({ tax_id: id }) => id)).toEqual(Array(3).fill(taxId('GST + QST')));
  });

  it('differs from line to line', () => {
    expect(taxIds([lineWith(), lineWith({ tax: '1.1', taxes: [tva55] }), lineWith({ tax: '0', taxes: [] })], frenchTaxes)).toEqual([taxId('TVA 20'), taxId('TVA 5,5'), undefined]);
  });
});

describe('quantity and price', () => {
  const quantities = (line: JsonObject) => linesOf(mapOrder(orderWith({ pricesIncludeTax: false, lines: [lineWith({ tax: '0', taxes: [], ...line })] }))).map(({ quantity, rate, description }) => [quantity, rate, description]);

  it('are those of the shop', () => {
    expect(quantities({ quantity: '3', amount: '37.50' })).toEqual([['3', '12.5', '']]);
  });

  it('may be fractions', () => {
    expect(quantities({ quantity: '0.75', amount: '9' })).toEqual([['0.75', '12', '']]);
  });

  it('have as many decimals as it takes to come to the amount', () => {
    expect(quantities({ quantity: '3', amount: '25' })).toEqual([['3', '8.333', '']]);
    expect(quantities({ quantity: '7', amount: '0.01' })).toEqual([['7', '0.001', '']]);
  });

  it('are one piece where no price of one comes to the amount, with the quantity in the description', () => {
    expect(quantities({ quantity: '1000000', amount: '333333.33' })).toEqual([['1', '333333.33', 'Quantity: 1000000']]);
    expect(quantities({ quantity: '90000', amount: '70000.03', description: 'Beads' })).toEqual([['1', '70000.03', 'Quantity: 90000\nBeads']]);
    expect(quantities({ quantity: '0', amount: '5' })).toEqual([['1', '5', 'Quantity: 0']]);
  });
});

describe('discounts', () => {
  const lines = [lineWith({ discount: '2', discountTax: '0.4' }), lineWith({ discount: '1', discountTax: '0.2' }), lineWith({ tax: '1.1', discount: '4', discountTax: '0.22', taxes: [tva55] }), lineWith({ tax: '0', taxes: [] })];

  it('are one line below zero for each tax, called by the coupons', () => {
    expect(amounts(mapOrder(orderWith({ lines, discountNames: ['ten', 'summer'] })))).toEqual([
      'Guitar strings: 2 × 12, TVA 20', 'Guitar strings: 2 × 12, TVA 20', 'Guitar strings: 2 × 10.55, TVA 5,5', 'Guitar strings: 2 × 10',
      'Discount: ten, summer: 1 × -3.6, TVA 20', 'Discount: ten, summer: 1 × -4.22, TVA 5,5',
    ]);
  });

  it('are in the fields of their lines where the settings say so', () => {
    const mapped = mapOrder(orderWith({ lines }), { context: contextWith({ discountsAs: 'fields' }) });
    expect(amounts(mapped)).toEqual(['Guitar strings: 2 × 12 - 2.4, TVA 20', 'Guitar strings: 2 × 12 - 1.2, TVA 20', 'Guitar strings: 2 × 10.55 - 4.22, TVA 5,5', 'Guitar strings: 2 × 10']);
    expect(written(mapped).fields).toMatchObject({ discount_type: 'item_level', is_discount_before_tax: true });
  });
});

describe('shipping and fees', () => {
  const shipping = lineWith({ kind: 'shipping', name: 'Post', quantity: '1', amount: '5', tax: '1', productId: null });
  const reduction = (taxes: JsonObject[], tax: string) => lineWith({ kind: 'fee', name: 'Loyalty', quantity: '1', amount: '-4', tax, productId: null, taxes });

  it('are lines like products', () => {
    expect(amounts(mapOrder(orderWith({ lines: [lineWith(), shipping] })))).toEqual(['Guitar strings: 2 × 12, TVA 20', 'Post: 1 × 6, TVA 20']);
  });

  it('below zero are lines below zero', () => {
    expect(amounts(mapOrder(orderWith({ lines: [lineWith(), reduction([tva20], '-0.8')] })))).toEqual(['Guitar strings: 2 × 12, TVA 20', 'Loyalty: 1 × -4.8, TVA 20']);
  });

  it('below zero are taken off lines of the same tax where discounts are fields', () => {
    const order = orderWith({ lines: [lineWith(), shipping, reduction([tva20], '-0.8')] });
    expect(amounts(mapOrder(order, { context: contextWith({ discountsAs: 'fields' }) }))).toEqual(['Guitar strings: 2 × 12 - 3.84, TVA 20', 'Post: 1 × 6 - 0.96, TVA 20']);
  });

  it('below zero that a shop takes off several taxes are divided between them', () => {
    const order = orderWith({ pricesIncludeTax: false, lines: [lineWith(), lineWith({ tax: '1.1', taxes: [tva55] }), reduction([tva20, tva55], '-0.51')] });
    expect(amounts(mapOrder(order)).slice(2)).toEqual(['Loyalty: 1 × -2, TVA 20', 'Loyalty: 1 × -2, TVA 5,5']);
  });

  it('below zero with nothing to take them off are refused where discounts are fields', () => {
    const order = orderWith({ lines: [lineWith({ amount: '1', tax: '0.2' }), reduction([tva20], '-0.8')], total: '0', totalTax: '0' });
    expect(refusalOf(() => mapOrder(order, { context: contextWith({ discountsAs: 'fields' }) }))).toMatch(/^negative-line-refused: 4\.8 are taken off, and there are only 1\.2/);
  });
});

describe('rounding', () => {
  it('that Books does differently stands in the adjustment, is named there and noted', () => {
    const mapped = mapOrder(orderWith({ pricesIncludeTax: false, lines: [lineWith({ quantity: '1', amount: '0.125', tax: '0.025' }), lineWith({ quantity: '1', amount: '0.125', tax: '0.025' })], total: '0.30' }));
    expect(written(mapped).fields).toMatchObject({ adjustment: '-0.02', adjustment_description: 'Rounding' });
    expect(written(mapped).notes).toEqual([{ code: 'rounding-adjusted', detail: '-0.02 EUR: Books comes to 0.32, the shop to 0.30' }]);
    expect(addedUp(mapped, 2, frenchTaxes).total.toFixed()).toBe('0.3');
  });

  it('is predicted as the organization rounds: line by line, or once for the document', () => {
    const lines = Array.from({ length: 10 }, () => lineWith({ quantity: '1', amount: '0.52', tax: '0.104' }));
    const order = orderWith({ pricesIncludeTax: false, lines, total: '6.24' });
    expect(adjustmentOf(mapOrder(order)).toFixed()).toBe('0.04');
    expect(adjustmentOf(mapOrder(order, { context: contextWith({ taxRounding: 'document' }) })).toFixed()).toBe('0');
  });

  it('explains no more than a cent for each line: beyond that nothing is written', () => {
    expect(refusalOf(() => mapOrder(orderWith({ total: '24.02' })))).toBe('amounts-differ: the lines come to 24.00 EUR, and the total is 24.02 EUR');
  });

  it('explains no tax that is another one, though the total is right', () => {
    expect(refusalOf(() => mapOrder(orderWith({ lines: [lineWith({ amount: '22', tax: '2' })] })))).toBe("amounts-differ: Books would come to a tax of 4.00 EUR for these lines, and the shop's is 2.00 EUR");
  });
});

describe('texts', () => {
  it('keep any script, and lose control characters', () => {
    expect(linesOf(mapOrder(orderWith({ lines: [lineWith({ name: 'Саз 🎸\u0007 <b>\nعود' })] })))[0]).toMatchObject({ name: 'Саз 🎸 <b> عود' });
  });

  it('that are too long for a name stand whole in the description', () => {
    const name = 'x'.repeat(150);
    expect(linesOf(mapOrder(orderWith({ lines: [lineWith({ name, description: 'Blue' })] })))[0]).toMatchObject({ name: 'x'.repeat(100), description: `${name}\nBlue` });
  });

  it('of a line without any are its SKU or what it is', () => {
    const lines = [lineWith({ name: '', sku: 'GS-1' }), lineWith({ name: ' ', kind: 'shipping' })];
    expect(linesOf(mapOrder(orderWith({ lines }))).map(({ name }) => name)).toEqual(['GS-1', 'Shipping']);
  });

  it('are there for 300 lines', () => {
    expect(linesOf(mapOrder(orderWith({ lines: Array.from({ length: 300 }, () => lineWith()) })))).toHaveLength(300);
  });
});
