import { z } from 'zod';
import { decimalSchema } from '../../domain/money.ts';
import { readRecord, recordKey, type FlowRecord, type Mapped, type Module } from '../integration.ts';
import { lineOf } from '../text.ts';
import { partsToBooks } from './parts.ts';
import { contextOf, type HectorContext } from './settings.ts';

/** The unit that makes an item a place in Hector (guide 2.1). It may be taken off again once the item is imported. */
const PLACE_UNIT = 'hectorplace';
/** The attribute that carries the calculation type of a part or place (guide 2.4). */
export const CALCULATION_TYPE = 'calculation_type';

/** An item as Books delivers it, as far as Hector and invoices need it. */
export const booksItemSchema = z.object({
  name: z.string(),
  rate: decimalSchema.nullable().default(null),
  unit: z.string().nullable().default(null),
  /** `active` or `inactive`. */
  status: z.string().nullable().default(null),
});

/** Items come from Books to Hector, as parts or places (guide 1 and 2.1). One way: Books leads. */
export const items: Module = {
  name: 'items',
  document: null,
  // What people change in Hector afterwards, the calculation type above all, decides the quantity on an invoice. Parts are read by their way back.
  observes: [{ side: 'other', resources: () => ['places'] }],
  flows: [
    {
      side: 'books',
      targets: ['parts', 'places'],
      resources: () => ['items'],
      accept: () => null,
      references: () => [],
      map: (record, _known, context) => mapItem(record, contextOf(context)),
    },
    partsToBooks,
  ],
};

/** Whether a unit is the mark of a place and no unit at all. */
export function isPlaceUnit(unit: string | null): boolean {
  return unit?.trim().toLowerCase() === PLACE_UNIT;
}

function mapItem(record: FlowRecord, { integrationId, settings }: HectorContext): Mapped {
  const item = readRecord(booksItemSchema, record.data);
  const name = lineOf(item.name);
  // What cannot be sold any more need not come to Hector; what came already may be in use there, and stays.
  if (item.status === 'inactive' && !record.link) return { kind: 'skip', finding: { code: 'item-inactive', detail: `"${name}"` }, notes: [] };
  const isPlace = record.link ? record.link.other.resource === 'places' : isPlaceUnit(item.unit);
  const common = { kind: 'write', key: recordKey(integrationId, record), notes: [], expected: null } as const;
  if (isPlace) {
    return {
      ...common, resource: 'places', fields: { name },
      initial: { stockroomId: settings.stockroomId, attributes: { [CALCULATION_TYPE]: settings.calculationTypePlaces } },
    };
  }
  return {
    ...common, resource: 'parts', fields: { description: name },
    initial: {
      categoryId: settings.categoryId, stockroomId: settings.stockroomId,
      attributes: { [CALCULATION_TYPE]: settings.calculationTypeParts },
    },
  };
}
