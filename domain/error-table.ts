import { leftOut } from './left-out.ts';

/**
 * Every failure and every reason for leaving a record out, in one table: what happened, what to do, and who acts.
 * docs/errors.md shows the same table to people; a test keeps the two equal.
 */

/** Who acts next: Temporal (`retry`), the clock (`wait`), a person, or nobody (the record was left out on purpose). */
export type Remedy = 'retry' | 'wait' | 'person' | 'none';

/** What is concerned: one record, or everything that goes through one connection. */
export type Scope = 'record' | 'connection';

export interface ErrorEntry {
  readonly action: Remedy;
  readonly scope: Scope;
  readonly what: string;
  readonly remedy: string;
}

const failures = {
  'authorization-revoked': {
    action: 'person', scope: 'connection',
    what: 'The system no longer accepts the authorisation that was given to Bookbridge.',
    remedy: 'Connect the integration again and press Accept. Nothing is lost: the sync goes on where it stopped.',
  },
  'authorization-refused': {
    action: 'person', scope: 'connection',
    what: 'The person who was asked to authorise Bookbridge pressed Reject, or the answer did not belong to the question.',
    remedy: 'Start the connection again and press Accept with an account that belongs to the organization.',
  },
  'authorization-unanswered': {
    action: 'person', scope: 'connection',
    what: 'Nobody pressed Accept in time.',
    remedy: 'Start the connection again and press Accept; --timeout gives more time. Where the page of Zoho showed an error instead, such as invalid_client, compare Client Id, Domain and redirect URI with the API console.',
  },
  'client-invalid': {
    action: 'person', scope: 'connection',
    what: 'Zoho does not know the Client Id, or the Secret does not belong to it, or both belong to another data centre.',
    remedy: 'Copy Client Id and Secret again from the API console of the Domain in the settings.',
  },
  'permission-missing': {
    action: 'person', scope: 'connection',
    what: 'The authorisation is valid but does not allow this operation.',
    remedy: 'Give the connecting user the right to the module in the other system, then connect again to grant all scopes.',
  },
  'organization-unknown': {
    action: 'person', scope: 'connection',
    what: 'The connected user does not belong to the Organization ID in the settings, or the organization is gone.',
    remedy: 'Correct the Organization ID, or connect with a user of that organization.',
  },
  'settings-invalid': {
    action: 'person', scope: 'connection',
    what: 'A setting of the integration is missing or has a value that cannot be used.',
    remedy: 'Correct the field that is named and start again.',
  },
  'limit-token': {
    action: 'wait', scope: 'connection',
    what: 'Zoho refuses new access tokens for some minutes because too many were asked for.',
    remedy: 'Nothing to do: the sync goes on by itself at the time shown.',
  },
  'limit-minute': {
    action: 'wait', scope: 'connection',
    what: 'The number of calls allowed per minute is used up.',
    remedy: 'Nothing to do: the sync goes on by itself at the time shown.',
  },
  'limit-day': {
    action: 'wait', scope: 'connection',
    what: 'The number of calls allowed per day is used up.',
    remedy: 'Nothing to do: the sync goes on by itself at the time shown. A larger plan has a larger daily limit.',
  },
  'limit-share': {
    action: 'wait', scope: 'connection',
    what: 'The rest of the calls is kept for single documents: the invoice of a loaner, or an order that was announced.',
    remedy: 'Nothing to do: the sync goes on by itself at the time shown. The share can be changed in the settings.',
  },
  'limit-concurrent': {
    action: 'wait', scope: 'connection',
    what: 'As many calls are under way as the system allows at once.',
    remedy: 'Nothing to do: the sync goes on by itself in a moment.',
  },
  'system-unreachable': {
    action: 'retry', scope: 'connection',
    what: 'The system did not answer in time, or the connection broke.',
    remedy: 'Nothing to do unless it lasts: the step is repeated. If it lasts, check the address and the system itself.',
  },
  'system-fault': {
    action: 'retry', scope: 'connection',
    what: 'The system answered with an internal error.',
    remedy: 'Nothing to do unless it lasts: the step is repeated.',
  },
  'answer-unreadable': {
    action: 'retry', scope: 'connection',
    what: 'The answer was not what the API promises: no JSON, or a field missing that everything depends on.',
    remedy: 'Nothing to do unless it lasts: the step is repeated. If it lasts, report it with the address shown.',
  },
  'name-collision': {
    action: 'person', scope: 'record',
    what: 'Another record of the target system already has this name, and names must be unique there.',
    remedy: 'Rename one of the two records, or merge them; where both are the same, enter the key that is shown by hand in the one that has the name. The record is tried again when it changes, or on retry.',
  },
  'match-ambiguous': {
    action: 'person', scope: 'record',
    what: 'Several records that were there before could be this one, or several of yours could be the one that was there before.',
    remedy: 'Merge or rename them so that e-mail and name tell them apart, or enter the key of this record by hand in the one it is; then retry.',
  },
  'number-not-automatic': {
    action: 'person', scope: 'record',
    what: 'Books numbers documents by itself and refused the number it was given.',
    remedy: 'Leave numbering to Books, or switch auto-numbering off in Books.',
  },
  'value-invalid': {
    action: 'person', scope: 'record',
    what: 'The target system refuses a value of this record.',
    remedy: 'Correct the field that is named in the source system. The record is tried again when it changes.',
  },
  'value-missing': {
    action: 'person', scope: 'record',
    what: 'A field is empty that the target system requires.',
    remedy: 'Fill the field that is named in the source system. The record is tried again when it changes.',
  },
  'record-unreadable': {
    action: 'person', scope: 'record',
    what: 'The source system delivered this record without a field it must have, or with one of the wrong kind.',
    remedy: 'Open the record in the source system and save it again with the field that is named. It is read again when it changes, or on retry.',
  },
  'record-missing': {
    action: 'person', scope: 'record',
    what: 'The record that was to be changed no longer exists in the target system.',
    remedy: 'Restore it there, or retry to have it created anew.',
  },
  'record-gone': {
    action: 'person', scope: 'record',
    what: 'The record is gone in the source system: it was asked for by its id before it was carried over, and is not there.',
    remedy: 'Nothing to do if it was deleted on purpose; else restore it there, then retry.',
  },
  'no-partner': {
    action: 'person', scope: 'record',
    what: 'There is nothing to delete: Bookbridge knows of no record in the target system that belongs to this one.',
    remedy: 'Nothing to do.',
  },
  'reference-missing': {
    action: 'wait', scope: 'record',
    what: 'This record depends on another one that has not arrived yet.',
    remedy: 'Mend the record that is named: this one follows by itself as soon as that one has arrived.',
  },
  refused: {
    action: 'person', scope: 'record',
    what: 'The target system refused this record for a reason of its own.',
    remedy: 'Read its message, correct the record in the source system, and retry.',
  },
  'total-differs': {
    action: 'person', scope: 'record',
    what: 'The document in Books has another total than the lines that were sent.',
    remedy: 'Compare the document with the record and correct it in Books; the difference is shown.',
  },
  'document-locked': {
    action: 'person', scope: 'record',
    what: 'The document in Books is no longer a draft, or a person has changed its lines there, so it is not changed.',
    remedy: 'Correct it in Books by hand; the difference is shown.',
  },
  'document-stale': {
    action: 'person', scope: 'record',
    what: 'The document in Books stands, although the record that it was made of is to have none any more: it was deleted, or taken back.',
    remedy: 'Void or delete the document in Books, then retry; or put the record back, such as by completing the loaner again; or name its status in the settings, where that counts as well.',
  },
  'tax-unknown': {
    action: 'person', scope: 'record',
    what: 'Books does not know the tax that was to be used, or it is inactive there.',
    remedy: 'Activate the tax in Books, or choose another one in the tax mapping of the settings; then retry.',
  },
  'contact-unknown': {
    action: 'person', scope: 'record',
    what: 'The contact that a document is for is not in Books any more, because it was deleted or merged with another one there, or it is inactive.',
    remedy: 'Mark it as active in Books; where it is gone, reconcile, which finds that out, and then retry: it is found or made anew, and the documents follow.',
  },
  'currency-unknown': {
    action: 'person', scope: 'record',
    what: 'The organization in Books does not have this currency, or the customer in Books has another one.',
    remedy: 'Add the currency in Books (Settings, Currencies), or correct the currency of the customer there; then retry.',
  },
  'negative-line-refused': {
    action: 'person', scope: 'record',
    what: 'The organization in Books does not take lines below zero, which is how discounts are sent.',
    remedy: 'Set discountsAs to "fields" in the settings, so that discounts go into the discount field of each line; then retry.',
  },
  'tax-unmatched': {
    action: 'person', scope: 'record',
    what: 'No active tax in Books has the rate that a line is taxed with in the shop.',
    remedy: 'Create the tax that is named in Books (Settings, Taxes), or name the right one in the setting `taxes`; then retry.',
  },
  'tax-ambiguous': {
    action: 'person', scope: 'record',
    what: 'Several taxes in Books have the rate that a line is taxed with in the shop, and none or several of them its name.',
    remedy: 'Choose one of those that are named in the setting `taxes`, or give it the name it has in the shop; then retry.',
  },
  'amounts-differ': {
    action: 'person', scope: 'record',
    what: 'The lines of an order or of a refund do not add up to its total, by more than rounding explains, or its taxes do not.',
    remedy: 'Compare lines and total in the shop, and enter the document in Books by hand.',
  },
  'order-cancelled': {
    action: 'person', scope: 'record',
    what: 'An order was cancelled in the shop after its invoice had been made.',
    remedy: 'Void or delete the invoice in Books by hand, or set `refunds` to "void" and retry.',
  },
  'calculation-type-unknown': {
    action: 'person', scope: 'record',
    what: 'The attribute "calculation type" of an item has a value that is none of the five.',
    remedy: 'Choose Per transaction, By hour, By day, By week or By month in the item.',
  },
  'period-invalid': {
    action: 'person', scope: 'record',
    what: 'The loaner has no end, or ends before it starts, so no quantity can be calculated.',
    remedy: 'Correct the dates of the loaner. It is tried again when it changes.',
  },
  'penalty-item-missing': {
    action: 'person', scope: 'record',
    what: 'The loaner has an Amount penalty, and the settings name no Penalty Item, or one that was deleted in Books.',
    remedy: 'Create an item for penalties in Books and enter its ID as Penalty Item Id, then retry.',
  },
  'refund-partial': {
    action: 'person', scope: 'record',
    what: 'A part of an order was given back, which cannot be shown by voiding its invoice.',
    remedy: 'Make a credit note in Books by hand, or set `refunds` to "credit-note".',
  },
} as const satisfies Record<string, ErrorEntry>;

export const errorTable = { ...failures, ...leftOut };
