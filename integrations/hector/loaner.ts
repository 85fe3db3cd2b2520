import { z } from 'zod';
import { decimalSchema } from '../../domain/money.ts';

const time = z.iso.datetime({ offset: true, error: 'is not a time with zone' });
const timeOrNull = time.nullable().default(null);
const idOrNull = z.string().nullable().default(null);
const text = z.string().nullish().transform((value) => value ?? '');
const quantity = z.int().min(1, 'must be at least 1');

const lineSchema = z.object({
  kind: z.enum(['part', 'place', 'kit']),
  itemId: idOrNull,
  description: text,
  quantity,
  components: z.array(z.object({ partId: z.string(), description: text, quantity })).default([]),
});

const penaltySchema = z.object({
  type: z.enum(['amount', 'points']),
  /** Money, or points. */
  value: decimalSchema,
  reason: z.enum(['late', 'damaged']),
  description: text,
});

/** A loaner as Hector delivers it (docs/apis/hector.md). */
export const loanerSchema = z.object({
  number: z.string(),
  statusId: z.string(),
  customerId: idOrNull,
  userId: idOrNull,
  plannedStartAt: time,
  plannedEndAt: timeOrNull,
  startedAt: timeOrNull,
  returnedAt: timeOrNull,
  notes: text,
  lines: z.array(lineSchema),
  penalties: z.array(penaltySchema).default([]),
});

export type Loaner = z.output<typeof loanerSchema>;

export interface LentItem {
  readonly resource: 'parts' | 'places';
  readonly id: string | null;
  readonly description: string;
  readonly quantity: number;
}

/** What was lent, kits taken apart: Books knows the parts, not the kit. */
export function lentItems(loaner: Loaner): LentItem[] {
  return loaner.lines.flatMap((line): LentItem[] => {
    const { description, quantity } = line;
    if (line.kind !== 'kit') return [{ resource: line.kind === 'place' ? 'places' : 'parts', id: line.itemId, description, quantity }];
    // An empty kit is named in the history like anything else that Books does not know.
    if (line.components.length === 0) return [{ resource: 'parts', id: null, description, quantity }];
    return line.components.map((component) => ({
      resource: 'parts', id: component.partId, description: component.description, quantity: component.quantity * quantity,
    }));
  });
}
