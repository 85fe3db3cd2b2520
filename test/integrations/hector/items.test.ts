import { describe, expect, it } from 'vitest';
import { items } from '../../../integrations/hector/items.ts';
import { refusalOf } from '../../support/refusal-of.ts';
import { contextWith, mapItem, written } from './world.ts';

describe('an item of Books in Hector', () => {
  it('becomes a part: the name is its description', () => {
    expect(mapItem({ name: 'HP EliteBook', rate: '4.5', unit: 'h', status: 'active' })).toEqual({
      kind: 'write', resource: 'parts', key: 'hector:items:46-1', fields: { description: 'HP EliteBook' },
      initial: { categoryId: 'k-1', stockroomId: 's-1', attributes: { calculation_type: 'Per transaction' } }, notes: [], expected: null,
    });
  });

  it.each(['hectorplace', 'HectorPlace', ' hectorplace '])('becomes a place with the unit %j: the name is its name', (unit) => {
    expect(mapItem({ name: 'Local B', rate: '120', unit })).toEqual({
      kind: 'write', resource: 'places', key: 'hector:items:46-1', fields: { name: 'Local B' },
      initial: { stockroomId: 's-1', attributes: { calculation_type: 'Per transaction' } }, notes: [], expected: null,
    });
  });

  it('has the default calculation type of parts as a part, and that of places as a place', () => {
    const context = contextWith({ calculationTypeParts: 'By hour', calculationTypePlaces: 'By week' });
    const attributesOf = (unit: string) => written(mapItem({ name: 'Local B', rate: '120', unit }, null, context)).initial['attributes'];
    expect([attributesOf('h'), attributesOf('hectorplace')]).toEqual([{ calculation_type: 'By hour' }, { calculation_type: 'By week' }]);
  });

  it.each(['', 'hectorplaces', 'place', null])('becomes a part with the unit %j', (unit) => {
    expect(mapItem({ name: 'Local B', rate: '120', unit })).toMatchObject({ resource: 'parts' });
  });

  it('brings neither price nor type nor unit along: Hector does not use them', () => {
    const { fields, initial } = written(mapItem({ name: 'HP EliteBook', rate: '4.5', unit: 'h', product_type: 'goods', item_type: 'sales' }));
    expect(Object.keys({ ...fields, ...initial })).toEqual(['description', 'categoryId', 'stockroomId', 'attributes']);
  });

  it('keeps its name in any script, and without control characters', () => {
    expect(written(mapItem({ name: '🎸 ギターアンプ <b>\u0000\n2', rate: '1' })).fields).toEqual({ description: '🎸 ギターアンプ <b> 2' });
  });
});

describe('an item that was imported', () => {
  it('stays a place when its unit is taken off, and a part when it is given the unit of a place', () => {
    expect(mapItem({ name: 'Local B', rate: '120', unit: '' }, 'places')).toMatchObject({ resource: 'places', fields: { name: 'Local B' } });
    expect(mapItem({ name: 'HP EliteBook', rate: '4.5', unit: 'hectorplace' }, 'parts')).toMatchObject({ resource: 'parts' });
  });

  it('is renamed, and nothing that a person may have changed in Hector since is written again', () => {
    expect(written(mapItem({ name: 'HP EliteBook G2', rate: '4.5' }, 'parts')).fields).toEqual({ description: 'HP EliteBook G2' });
    expect(written(mapItem({ name: 'Local C', rate: '4.5' }, 'places')).fields).toEqual({ name: 'Local C' });
  });

  it('changes nothing in Hector when only its price changes: the price is read when the invoice is made', () => {
    expect(written(mapItem({ name: 'HP EliteBook', rate: '5' }, 'parts')).fields).toEqual(written(mapItem({ name: 'HP EliteBook', rate: '4.5' }, 'parts')).fields);
  });
});

describe('an inactive item', () => {
  it('that was never imported is left out, and said so', () => {
    expect(mapItem({ name: 'Fax', rate: '1', status: 'inactive' })).toEqual({ kind: 'skip', finding: { code: 'item-inactive', detail: '"Fax"' }, notes: [] });
  });

  it('that was imported stays, and is kept in step', () => {
    expect(mapItem({ name: 'Fax 2', rate: '1', status: 'inactive' }, 'parts')).toMatchObject({ kind: 'write', fields: { description: 'Fax 2' } });
  });
});

describe('items that cannot be read', () => {
  it.each([[{ rate: '1' }, 'name'], [{ name: 'Fax', rate: 'cheap' }, 'rate'], [{ name: 'Fax', rate: '1', unit: 3 }, 'unit']])('%j: the field is named', (item, field) => {
    expect(refusalOf(() => mapItem(item))).toMatch(new RegExp(`^record-unreadable: ${field}: `));
  });
});

describe('the module', () => {
  it('reads parts and places back, because their calculation type is for people to change', () => {
    const readBack = [...items.flows.filter(({ onRequest }) => onRequest), ...items.observes];
    expect(readBack.map((source) => [source.side, source.resources(contextWith())])).toEqual([['other', ['parts']], ['other', ['places']]]);
  });
});
