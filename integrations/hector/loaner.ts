import { z } from 'zod';

const time = z.string().nullable().default(null);
const quantity = z.int().min(1, 'must be at least 1');

const lineSchema = z.object({
  kind: z.enum(['part', 'place', 'kit']),
  itemId: z.string().nullable().default(null),
  description: z.string().default(''),
  quantity,
  components: z.array(z.object({ partId: z.string(), description: z.string().default(''), quantity })).default([]),
});

const penaltySchema = z.object({
  type: z.enum(['amount', 'points']),
  value: z.string(),
  reason: z.enum(['late', 'damaged']),
  description: z.string().default(''),
});

/** A loaner as Hector delivers it (docs/apis/hector.md). */
export const loanerSchema = z.object({
  number: z.string(),
  statusId: z.string(),
  customerId: z.string().nullable().default(null),
  userId: z.string().nullable().default(null),
  plannedStartAt: z.string(),
  plannedEndAt: time,
  startedAt: time,
  returnedAt: time,
  notes: z.string().nullable().default(null),
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
    if (line.kind === 'kit') {
      return line.components.map(({ partId, description, quantity }) => ({ resource: 'parts', id: partId, description, quantity: quantity * line.quantity }));
    }
    return [{ resource: line.kind === 'place' ? 'places' : 'parts', id: line.itemId, description: line.description, quantity: line.quantity }];
  });
}
