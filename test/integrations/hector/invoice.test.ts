import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../domain/json.ts';
import { refusalOf } from '../../support/refusal-of.ts';
import { amounts, contextWith, laptop, linesOf, mapLoaner, room, written, type Imported } from './world.ts';

const part = (itemId: string | null, quantity = 1, description = ''): JsonObject => ({ kind: 'part', itemId, quantity, description });
const late = (value: string, more: JsonObject = {}): JsonObject => ({ type: 'amount', value, reason: 'late', description: '', ...more });
const subTotal = (...example: Parameters<typeof mapLoaner>) => written(mapLoaner(...example)).expected?.total;

describe('the example of the guide', () => {
  const example = {
    number: 'LO-5001', notes: 'Came back late.', returnedAt: '2026-10-06T13:00:00-04:00',
    lines: [part('laptop'), { kind: 'place', itemId: 'room', quantity: 1, description: 'Local B' }],
    penalties: [late('25.00', { description: 'One day late' })],
  };

  it('is a laptop for 25 hours, a place once, and the penalty', () => {
    expect(written(mapLoaner(example)).fields).toEqual({
      customer_id: '46-c-1', reference_number: 'LO-5001', date: '2026-10-06', notes: 'Came back late.',
      line_items: [
        { item_id: '46-laptop', name: 'HP EliteBook', rate: '4.5', quantity: '25', unit: 'h', description: 'By hour, 2026-10-05 12:00 to 2026-10-06 13:00' },
        { item_id: '46-room', name: 'Local B', rate: '120', quantity: '1', unit: '', description: 'Per transaction, 2026-10-05 12:00 to 2026-10-06 13:00' },
        { item_id: '46-penalty', rate: '25', quantity: '1', description: 'One day late' },
      ],
    });
    expect(subTotal(example)).toBe('257.50');
  });
});

describe('the lines of an invoice', () => {
  it('have the selling price and the unit that Books has when the invoice is made', () => {
    expect(linesOf(mapLoaner({}, { imported: [{ ...laptop, rate: '5.25', unit: 'heure' }] }))).toMatchObject([{ rate: '5.25', unit: 'heure' }]);
  });

  it('keep price, name and unit from when the invoice was made, and only new lines have those of today', () => {
    const penalties = [late('7', { description: 'Late' })];
    const base = written(mapLoaner({ lines: [part('laptop'), { kind: 'place', itemId: 'room', quantity: 1 }], penalties })).fields;
    const today: Imported[] = [{ ...laptop, name: 'HP EliteBook G2', rate: '99', unit: 'heure' }, { ...room, unit: 'day', rate: '150' }, { id: 'penalty', name: 'Penalty', rate: '3' }];
    const edited = { notes: 'Only the notes', penalties, lines: [part('laptop'), { kind: 'place', itemId: 'room', quantity: 1 }] };
    expect(linesOf(mapLoaner(edited, { imported: today, base }))).toEqual(base['line_items']);
    const more = linesOf(mapLoaner({ ...edited, lines: [part('laptop', 2), part('penalty')] }, { imported: today, base }));
    expect(more).toMatchObject([{ name: 'HP EliteBook', rate: '4.5', unit: 'h', quantity: '48' }, { name: 'Penalty', rate: '3' }, { rate: '7', description: 'Late' }]);
  });

  it('cost nothing where their item costs nothing in Books, and are not made up where it has no price there', () => {
    expect(amounts(mapLoaner({}, { imported: [{ ...laptop, rate: '0' }] }))).toEqual(['24 × 0']);
    expect(refusalOf(() => mapLoaner({}, { imported: [{ ...laptop, rate: null }] })))
      .toBe('value-missing: lines: "HP EliteBook" × 1 is the item "HP EliteBook", which has no selling price in Books: enter one there, 0 where it is free, then retry');
    const base = written(mapLoaner({})).fields;
    expect(amounts(mapLoaner({ notes: 'x' }, { imported: [{ ...laptop, rate: null }], base }))).toEqual(['24 × 4.5']);
  });

  it('never show the mark of a place to the customer', () => {
    const lines = [{ kind: 'place', itemId: 'room', quantity: 1 }];
    expect(linesOf(mapLoaner({ lines })).map(({ unit }) => unit)).toEqual(['']);
    expect(linesOf(mapLoaner({ lines }, { imported: [{ ...room, unit: 'day' }] })).map(({ unit }) => unit)).toEqual(['day']);
  });

  it('multiply lots, and take kits apart', () => {
    const imported: Imported[] = [{ id: 'chair', name: 'Chair', rate: '1.5' }, { ...laptop, id: 'mic', name: 'Microphone' }];
    const kit = { kind: 'kit', itemId: null, quantity: 3, description: 'Kit', components: [{ partId: 'mic', quantity: 2 }, { partId: 'chair', quantity: 4 }] };
    expect(amounts(mapLoaner({ lines: [part('chair', 150), kit] }, { imported }))).toEqual(['150 × 1.5', '144 × 4.5', '12 × 1.5']);
  });

  it('follow the default of parts or of places where the item has no calculation type', () => {
    const context = contextWith({ calculationTypeParts: 'By day', calculationTypePlaces: 'By hour' });
    const imported: Imported[] = [{ id: 'laptop', name: 'HP EliteBook', rate: '4.5' }, room];
    expect(amounts(mapLoaner({ lines: [part('laptop'), { kind: 'place', itemId: 'room', quantity: 1 }] }, { imported, context }))).toEqual(['1 × 4.5', '24 × 120']);
  });

  it('wait for a part or place that could not be read: the default may be wrong', () => {
    for (const [one, lines] of [[laptop, [part('laptop', 1, 'The laptop')]], [room, [{ kind: 'place', itemId: 'room', quantity: 1 }]]] as const) {
      expect(refusalOf(() => mapLoaner({ lines: [...lines] }, { imported: [{ ...one, isUnread: true }] }))).toMatch(new RegExp(`^record-unreadable: (parts laptop "The laptop"|places room ""): attributes: `));
    }
  });

  it.each([['By hour', '25'], ['By day', '2'], ['By week', '1'], ['By month', '1'], ['Per transaction', '1']])('%s: 25 hours are %s', (calculationType, quantity) => {
    const mapped = mapLoaner({ returnedAt: '2026-10-06T13:00:00-04:00' }, { imported: [{ ...laptop, calculationType }] });
    expect(amounts(mapped)).toEqual([`${quantity} × 4.5`]);
  });

  it('leave the name to Books where it is longer than a line takes', () => {
    expect(linesOf(mapLoaner({}, { imported: [{ ...laptop, name: 'x'.repeat(101) }] }))[0]).not.toHaveProperty('name');
    expect(linesOf(mapLoaner({}, { imported: [{ ...laptop, name: 'x'.repeat(100) }] }))[0]).toHaveProperty('name');
  });

  it('write small and large numbers out, digit by digit', () => {
    const [line] = linesOf(mapLoaner({ lines: [part('laptop', 9_007_199_254_740_991)] }, { imported: [{ ...laptop, rate: '0.0000001' }] }));
    expect(line).toMatchObject({ rate: '0.0000001', quantity: '216172782113783784' });
  });

  it('name the item whose calculation type nobody knows', () => {
    expect(refusalOf(() => mapLoaner({}, { imported: [{ ...laptop, calculationType: 'By year' }] }))).toBe('calculation-type-unknown: "HP EliteBook" has "By year"');
  });
});

describe('a line that did not come from Books', () => {
  it('is left out and named, and the invoice has the others', () => {
    const mapped = written(mapLoaner({ lines: [part('cable', 4, 'Rallonge 10 m'), part('laptop'), part(null, 2, 'Without a part')] }));
    expect(amounts(mapped)).toEqual(['24 × 4.5']);
    expect(mapped.notes).toEqual([
      { code: 'line-not-imported', detail: '"Rallonge 10 m" × 4' },
      { code: 'line-not-imported', detail: '"Without a part" × 2' },
    ]);
  });

  it('leaves no invoice where there is no other, in spite of penalties, and says so', () => {
    expect(mapLoaner({ lines: [part('cable', 4, 'Rallonge 10 m')], penalties: [late('10.00')] })).toEqual({
      kind: 'skip', finding: { code: 'no-imported-item', detail: 'loaner LO-1' }, notes: [{ code: 'line-not-imported', detail: '"Rallonge 10 m" × 4' }],
    });
    expect(mapLoaner({ lines: [] })).toMatchObject({ kind: 'skip', finding: { code: 'no-imported-item' } });
  });

  it('is none where its item is only not read yet: the invoice is not made without it', () => {
    expect(refusalOf(() => mapLoaner({}, { imported: [{ ...laptop, inBooks: 'unlisted' }] }))).toBe('reference-missing: lines: "HP EliteBook" × 1 is the item 46-laptop, which was not read yet');
  });

  it('is none where its item was deleted in Books: both are named, unless it is on the invoice already', () => {
    const gone: Imported[] = [{ ...laptop, inBooks: 'gone' }];
    expect(refusalOf(() => mapLoaner({ lines: [part('laptop', 2, 'The laptop')] }, { imported: gone }))).toBe('value-invalid: lines: "The laptop" × 2 is the item "HP EliteBook", which was deleted in Books');
    expect(amounts(mapLoaner({ notes: 'x' }, { imported: gone, base: written(mapLoaner({})).fields }))).toEqual(['24 × 4.5']);
  });

  it('may be an empty kit', () => {
    const lines = [{ kind: 'kit', itemId: null, quantity: 1, description: 'Empty kit', components: [] }, part('laptop')];
    expect(mapLoaner({ lines }).notes).toEqual([{ code: 'line-not-imported', detail: '"Empty kit" × 1' }]);
  });

  it('may lack a description', () => {
    expect(mapLoaner({ lines: [{ kind: 'part', itemId: 'cable', quantity: 1, description: null }] }).notes).toMatchObject([{ detail: '"" × 1' }]);
  });
});

describe('the period that is billed', () => {
  it('is the one that happened', () => {
    expect(amounts(mapLoaner({ startedAt: '2026-10-05T14:00:00-04:00', returnedAt: '2026-10-05T16:30:00-04:00' }))).toEqual(['3 × 4.5']);
  });

  it('is the planned one where a time was not noted', () => {
    expect(amounts(mapLoaner({ startedAt: null, returnedAt: null }))).toEqual(['24 × 4.5']);
    expect(amounts(mapLoaner({ startedAt: null, returnedAt: '2026-10-05T13:00:00-04:00' }))).toEqual(['1 × 4.5']);
  });

  it('is the planned one where the settings say so, whatever happened', () => {
    const context = contextWith({ billedPeriod: 'planned' });
    expect(linesOf(mapLoaner({ startedAt: '2026-10-05T14:00:00-04:00', returnedAt: '2026-10-05T16:30:00-04:00' }, { context }))).toMatchObject([
      { quantity: '24', description: 'By hour, 2026-10-05 12:00 to 2026-10-06 12:00' },
    ]);
    expect(refusalOf(() => mapLoaner({ plannedEndAt: null }, { context }))).toBe('period-invalid: the loaner has no end');
  });

  it('counts a begun unit as the settings say', () => {
    const returnedAt = '2026-10-05T14:20:00-04:00';
    expect(['up', 'down', 'nearest'].map((unitRounding) => amounts(mapLoaner({ returnedAt }, { context: contextWith({ unitRounding }) })))).toEqual([
      ['3 × 4.5'], ['2 × 4.5'], ['2 × 4.5'],
    ]);
  });

  it('is asked for where there is no end, or one before the start', () => {
    expect(refusalOf(() => mapLoaner({ returnedAt: null, plannedEndAt: null }))).toBe('period-invalid: the loaner has no end');
    expect(refusalOf(() => mapLoaner({ returnedAt: '2026-10-05T11:00:00-04:00' }))).toMatch(/^period-invalid: it ends on .* before it starts on /);
  });

  it('is not needed per transaction', () => {
    const lines = [{ kind: 'place', itemId: 'room', quantity: 1 }];
    expect(linesOf(mapLoaner({ lines, returnedAt: null, plannedEndAt: null }))).toMatchObject([{ quantity: '1', description: 'Per transaction' }]);
  });

  it('gives the invoice its date: the day of return, by the clock of the lender', () => {
    const returned = (returnedAt: string) => written(mapLoaner({ returnedAt })).fields['date'];
    expect(returned('2026-10-07T03:59:00Z')).toBe('2026-10-06');
    expect(returned('2026-10-07T04:00:00Z')).toBe('2026-10-07');
  });

  it('gives it the planned day where no return was noted, and the day of the start where none was planned', () => {
    const lines = [{ kind: 'place', itemId: 'room', quantity: 1 }];
    expect(written(mapLoaner({ lines, returnedAt: null, plannedEndAt: '2026-10-08T03:59:00Z' })).fields['date']).toBe('2026-10-07');
    expect(written(mapLoaner({ lines, returnedAt: null, plannedEndAt: null, plannedStartAt: '2026-10-04T01:00:00Z', startedAt: null })).fields['date']).toBe('2026-10-03');
  });
});

describe('penalties', () => {
  it('in amounts are lines with the Penalty Item, each its own', () => {
    const penalties = [late('25.00', { description: 'Two days late' }), { type: 'amount', value: '40.5', reason: 'damaged', description: '' }];
    expect(linesOf(mapLoaner({ penalties })).slice(1)).toEqual([
      { item_id: '46-penalty', rate: '25', quantity: '1', description: 'Two days late' },
      { item_id: '46-penalty', rate: '40.5', quantity: '1', description: 'Damaged' },
    ]);
    expect(subTotal({ penalties })).toBe('173.50');
  });

  it('in points are left out and named', () => {
    const mapped = written(mapLoaner({ penalties: [{ type: 'points', value: '3', reason: 'late', description: null }] }));
    expect(amounts(mapped)).toEqual(['24 × 4.5']);
    expect(mapped.notes).toEqual([{ code: 'penalty-in-points', detail: '3 points, Late' }]);
  });

  it('name the Penalty Item that was deleted in Books, unless it is on the invoice already', () => {
    const penalties = [late('25')];
    const base = written(mapLoaner({ penalties })).fields;
    const gone: Imported = { id: 'penalty', name: 'Penalty', rate: '3', inBooks: 'gone' };
    const imported = [laptop, gone];
    expect(refusalOf(() => mapLoaner({ penalties }, { imported }))).toBe('penalty-item-missing: 25.00 CAD, Late: the Penalty Item 46-penalty was deleted in Books');
    expect(amounts(mapLoaner({ penalties, notes: 'Only the notes' }, { imported, base }))).toEqual(['24 × 4.5', '1 × 25']);
    expect(amounts(mapLoaner({ penalties: [late('25', { type: 'points' })] }, { imported }))).toEqual(['24 × 4.5']);
  });

  it('of zero are left out and named, and need no Penalty Item', () => {
    const mapped = written(mapLoaner({ penalties: [late('0.00'), late('5')] }));
    expect(amounts(mapped)).toEqual(['24 × 4.5', '1 × 5']);
    expect(mapped.notes).toEqual([{ code: 'penalty-of-zero', detail: 'Late' }]);
    expect(amounts(mapLoaner({ penalties: [late('0.00')] }, { context: contextWith({ penaltyItemId: null }) }))).toEqual(['24 × 4.5']);
  });

  it('need the Penalty Item, in amounts only', () => {
    const context = contextWith({ penaltyItemId: null });
    expect(refusalOf(() => mapLoaner({ penalties: [late('25')] }, { context }))).toBe('penalty-item-missing: 25.00 CAD, Late');
    expect(amounts(mapLoaner({ penalties: [late('25', { type: 'points' })] }, { context }))).toEqual(['24 × 4.5']);
  });

  it('below zero are refused, naming the field', () => {
    expect(refusalOf(() => mapLoaner({ penalties: [late('25'), late('-5.00')] }))).toBe('value-invalid: penalties.1.value: -5 is below zero');
  });

  it.each([[2, '10.005', 'CAD'], [0, '10.5', 'JPY'], [3, '1.0001', 'KWD']])('with more than %i decimals are refused, naming the field', (digits, value, currencyCode) => {
    const context = contextWith({}, { currencyCode, digits });
    expect(refusalOf(() => mapLoaner({ penalties: [late(value)] }, { context }))).toBe(
      `value-invalid: penalties.0.value: ${value} has more decimals than ${currencyCode}, which has ${digits}`,
    );
  });

  it('may end in zeros: 10.500 is 10.50', () => {
    expect(amounts(mapLoaner({ penalties: [late('10.500')] }))).toEqual(['24 × 4.5', '1 × 10.5']);
  });
});

describe('the notes of an invoice', () => {
  it('are those of the loaner, lines kept and control characters gone', () => {
    expect(written(mapLoaner({ notes: ' One\r\n<i>two</i>\u0000\t🎬 ' })).fields['notes']).toBe('One\n<i>two</i>\t🎬');
  });

  it('are cut where Books takes no more, never through the middle of a character', () => {
    expect(written(mapLoaner({ notes: `${'x'.repeat(1999)}🎬` })).fields['notes']).toBe('x'.repeat(1999));
    expect(written(mapLoaner({ notes: `${'x'.repeat(1998)}🎬` })).fields['notes']).toBe(`${'x'.repeat(1998)}🎬`);
  });
});
