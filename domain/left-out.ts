import type { ErrorEntry } from './error-table.ts';

/** Reasons for leaving a record or a part of it out on purpose: they are no failures, and the history names them. */
export const leftOut = {
  matched: {
    action: 'none', scope: 'record',
    what: 'A record that was in the target system before was found to be this one, and was linked with it instead of being created.',
    remedy: 'Nothing to do.',
  },
  withdrawn: {
    action: 'none', scope: 'record',
    what: 'A person had what was made of this record deleted in the target system. It stays as it is, whatever changes.',
    remedy: 'Nothing to do, or send the record again.',
  },
  'customer-inactive': {
    action: 'none', scope: 'record',
    what: 'The customer is inactive in Hector and was never in Books, so Books gets no customer for it.',
    remedy: 'Nothing to do. It is carried over as soon as it is active again.',
  },
  'item-inactive': {
    action: 'none', scope: 'record',
    what: 'The item is inactive in Books and was never in Hector, so Hector gets no part or place for it.',
    remedy: 'Nothing to do. It is imported as soon as it is active again.',
  },
  'part-in-books': {
    action: 'none', scope: 'record',
    what: 'The part came from Books, or was exported to it before, so there is nothing to export.',
    remedy: 'Nothing to do. What changes in Books comes to Hector by itself.',
  },
  'not-completed': {
    action: 'none', scope: 'record',
    what: 'The loaner is not completed yet.',
    remedy: 'Nothing to do: it becomes an invoice when it is completed.',
  },
  'no-imported-item': {
    action: 'none', scope: 'record',
    what: 'None of the lines of the loaner uses an item that came from Books, so there is nothing to invoice.',
    remedy: 'Nothing to do, or use imported items in the loaner and retry.',
  },
  'line-not-imported': {
    action: 'none', scope: 'record',
    what: 'A line was left out because its item did not come from Books.',
    remedy: 'Nothing to do, or create the item in Books so that it is imported.',
  },
  'penalty-in-points': {
    action: 'none', scope: 'record',
    what: 'A penalty in points was left out: only penalties in amounts are invoiced.',
    remedy: 'Nothing to do, or set the penalty system of Hector to Amount.',
  },
  'penalty-of-zero': {
    action: 'none', scope: 'record',
    what: 'A penalty of zero was left out: it adds nothing to the invoice.',
    remedy: 'Nothing to do.',
  },
  'not-paid': {
    action: 'none', scope: 'record',
    what: 'The order is not paid, or not any more, and has no invoice.',
    remedy: 'Nothing to do: it becomes an invoice when it is paid.',
  },
  'before-start': {
    action: 'none', scope: 'record',
    what: 'The order was placed before the day from which orders are carried over.',
    remedy: 'Nothing to do. An earlier day is chosen by `ordersFrom` in the settings.',
  },
  'order-empty': {
    action: 'none', scope: 'record',
    what: 'The order or refund has no lines, or the refund comes to nothing, so there is nothing to put on a document.',
    remedy: 'Nothing to do.',
  },
  'rounding-adjusted': {
    action: 'none', scope: 'record',
    what: 'Books rounds differently than the shop; the difference stands in the adjustment of the document, so that the totals are equal.',
    remedy: 'Nothing to do.',
  },
  'refund-reported': {
    action: 'none', scope: 'record',
    what: 'Money was given back in the shop, and by the settings nothing is done about it in Books.',
    remedy: 'Enter it in Books by hand, or set `refunds` to "credit-note".',
  },
  'refund-voided': {
    action: 'none', scope: 'record',
    what: 'The whole order was given back, so its invoice is voided and there is no credit note.',
    remedy: 'Nothing to do.',
  },
} as const satisfies Record<string, ErrorEntry>;
