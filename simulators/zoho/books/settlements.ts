/** Part of a credit note or payment that was applied to an invoice. */
export interface Settlement {
  readonly id: string;
  readonly kind: 'creditnote' | 'payment';
  /** Id of the credit note or payment. */
  readonly sourceId: string;
  readonly invoiceId: string;
  readonly amount: number;
  /** `2013-11-18` */
  readonly date: string;
}

/** What settles which invoice. */
export interface Settlements {
  add(settlement: Settlement): void;
  remove(settlement: Settlement): void;
  /** What was applied to an invoice. */
  to(invoiceId: string): readonly Settlement[];
  /** What was taken from a credit note or payment. */
  from(sourceId: string): readonly Settlement[];
}

export function createSettlements(): Settlements {
  const byInvoice = new Map<string, readonly Settlement[]>();
  const bySource = new Map<string, readonly Settlement[]>();
  const keep = (map: Map<string, readonly Settlement[]>, key: string, change: (list: readonly Settlement[]) => readonly Settlement[]) => {
    const list = change(map.get(key) ?? []);
    if (list.length > 0) map.set(key, list);
    else map.delete(key);
  };
  return {
    add: (settlement) => {
      keep(byInvoice, settlement.invoiceId, (list) => [...list, settlement]);
      keep(bySource, settlement.sourceId, (list) => [...list, settlement]);
    },
    remove: (settlement) => {
      keep(byInvoice, settlement.invoiceId, (list) => list.filter(({ id }) => id !== settlement.id));
      keep(bySource, settlement.sourceId, (list) => list.filter(({ id }) => id !== settlement.id));
    },
    to: (invoiceId) => byInvoice.get(invoiceId) ?? [],
    from: (sourceId) => bySource.get(sourceId) ?? [],
  };
}
