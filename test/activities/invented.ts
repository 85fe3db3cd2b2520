import { z } from 'zod';
import type { JsonObject } from '../../domain/json.ts';
import { contactMatching } from '../../integrations/contacts.ts';
import { readRecord, recordKey, type Integration, type IntegrationContext, type Module, type OnRequest } from '../../integrations/integration.ts';

/**
 * An integration that nobody has, for what the engine does whatever the integration: a sheet of paper (a loaner of Hector whose notes say what
 * stands on it) becomes an invoice, the person on it a contact, and the parts on it items.
 */

const settingsSchema = z.object({ byHand: z.boolean(), taken: z.array(z.string()), from: z.string().nullable().default(null) });

interface PaperContext extends IntegrationContext {
  readonly settings: z.output<typeof settingsSchema>;
}

const sheetSchema = z.object({ number: z.string(), notes: z.string(), lines: z.array(z.object({ itemId: z.string().nullable() })) });
const writingSchema = z.object({ name: z.string(), mail: z.string(), state: z.string(), price: z.string(), tax: z.string().default('') });

export type Writing = z.input<typeof writingSchema>;

function readSheet(data: JsonObject) {
  const { number, notes, lines } = readRecord(sheetSchema, data);
  return { number, lines, ...writingSchema.parse(JSON.parse(notes)) };
}

const contextOf = (context: IntegrationContext) => context as PaperContext;
const isTaken = (data: JsonObject, context: IntegrationContext) => contextOf(context).settings.taken.includes(readSheet(data).state);
const onRequest: OnRequest = { applies: (context) => contextOf(context).settings.byHand, check: () => undefined };
const taxes = { side: 'books', resource: 'taxes' } as const;
const draft = ({ data }: { data: JsonObject }) => (data['status'] === 'draft' ? null : { code: 'document-locked', detail: 'no draft' } as const);

const people: Module = {
  name: 'people', observes: [], document: null,
  flows: [{
    side: 'other', targets: ['contacts'], resources: () => ['people'], onRequest, matching: contactMatching,
    within: {
      module: 'sheets', resource: 'loaners',
      records: ({ data, modifiedAt }, context) => {
        const { name, mail } = readSheet(data);
        return isTaken(data, context) ? [{ id: mail, modifiedAt, data: { name, mail } }] : [];
      },
    },
    accept: () => null,
    references: () => [],
    map: (record, _known, { integrationId }) => ({
      kind: 'write', resource: 'contacts', key: recordKey(integrationId, record), initial: {}, notes: [], expected: null,
      fields: { contact_name: record.data['name'] ?? '', contact_persons: [{ email: record.data['mail'] ?? '', is_primary_contact: true }] },
    }),
  }],
};

const sheets: Module = {
  name: 'sheets', observes: [{ side: 'books', resources: () => ['taxes'], keptForMs: 3_600_000 }], document: null,
  flows: [{
    side: 'other', targets: ['invoices'], resources: () => ['loaners'], since: (context) => contextOf(context).settings.from, onRequest, chooses: [taxes],
    accept: ({ data }, context) => (isTaken(data, context) ? null : { code: 'not-completed', detail: readSheet(data).state }),
    references: ({ data }) => [{ side: 'other', resource: 'people', id: readSheet(data).mail, required: true }],
    map: (record, known, { integrationId }) => {
      const { number, mail, price, tax } = readSheet(record.data);
      const chosen = known.all('books', 'taxes').find(({ data }) => data['tax_name'] === tax);
      if (tax !== '' && !chosen) return { kind: 'skip', finding: { code: 'tax-unknown', detail: tax }, notes: [] };
      return {
        kind: 'write', resource: 'invoices', key: recordKey(integrationId, record), initial: {}, notes: [], expected: { field: 'sub_total', total: price },
        fields: {
          customer_id: known.link({ side: 'other', resource: 'people', id: mail })?.books.id ?? '', reference_number: number,
          line_items: [{ name: 'What stands on it', quantity: '1', rate: price, ...(chosen && { tax_id: chosen.id }) }],
        },
      };
    },
    mayUpdate: draft,
    mayDelete: draft,
    leftBehind: (reason) => reason && (() => ({ code: 'document-stale', detail: `it stands, and ${reason.detail}` })),
  }],
};

const things: Module = {
  name: 'things', observes: [], document: null,
  flows: [{
    side: 'other', targets: ['items'], resources: () => ['parts'], isReadWhole: true,
    within: {
      module: 'sheets', resource: 'loaners',
      records: ({ data, modifiedAt }) => readSheet(data).lines.flatMap(({ itemId }) => (itemId === null ? [] : [{ id: itemId, modifiedAt, data: {} }])),
    },
    accept: () => null,
    references: () => [],
    map: (record, _known, { integrationId }) => ({
      kind: 'write', resource: 'items', key: recordKey(integrationId, record), initial: { rate: '0' }, notes: [], expected: null,
      fields: { name: readRecord(z.object({ description: z.string() }), record.data).description },
    }),
  }],
};

export const invented: Integration = {
  kind: 'paper', otherSystem: 'hector', settingsSchema, example: { settings: {}, access: {} }, syncIntervalSeconds: 60, scopes: () => [],
  modules: [people, sheets, things],
  requirements: () => [],
  prerequisites: () => [],
  readContext: (settings, _facts, integrationId): PaperContext => ({
    integrationId, settings: settingsSchema.parse(settings), organization: { currencyCode: 'EUR', digits: 2 }, notifyEmail: null,
  }),
};
