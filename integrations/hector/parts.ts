import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import { readRecord, recordKey, type Flow, type FlowRecord, type Mapped } from '../integration.ts';
import { lineOf, shortLineOf } from '../text.ts';
import { contextOf, type HectorContext } from './settings.ts';

/** Greatest length of an item's name (API page "Items", name). */
const NAME_LENGTH_MAX = 100;

const partSchema = z.object({ description: z.string() });

/** Parts that were made in Hector become items of Books, where somebody asks for it (guide 2.4, "Purchase account Id"). */
export const partsToBooks: Flow = {
  side: 'other',
  targets: ['items'],
  resources: () => ['parts'],
  accept: () => null,
  onRequest: {
    applies: () => true,
    check: (context) => void accountOf(contextOf(context)),
    refuses: ({ data }, _context, { isPartnerGone }) => (data['externalReference'] && !isPartnerGone ? { code: 'part-in-books', detail: lineOf(typeof data['description'] === 'string' ? data['description'] : null) } : null),
  },
  references: () => [],
  map: (record, _known, context) => mapPart(record, contextOf(context)),
};

function accountOf({ settings }: HectorContext): string {
  if (settings.purchaseAccountId !== null) return settings.purchaseAccountId;
  throw new BookbridgeError('settings-invalid', { detail: 'purchaseAccountId: must name the sales account of exported parts; enter it and connect again' });
}

/** Books leads from here on: name and price are changed there, so only the name is taken along, and the price begins at zero. */
function mapPart(record: FlowRecord, context: HectorContext): Mapped {
  const { description } = readRecord(partSchema, record.data);
  if (record.link) return { kind: 'skip', finding: { code: 'part-in-books', detail: description }, notes: [] };
  const name = shortLineOf('description', description, NAME_LENGTH_MAX);
  if (name === '') throw new BookbridgeError('value-missing', { detail: 'description: an item needs a name in Books' });
  return {
    kind: 'write', resource: 'items', key: recordKey(context.integrationId, record), notes: [], expected: null,
    fields: { name }, initial: { rate: '0', account_id: accountOf(context) },
  };
}
