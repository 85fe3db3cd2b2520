import { z } from 'zod';
import type { WindowLimit } from '../kit/window.ts';

const windowSchema = z.strictObject({ calls: z.number().int().positive(), windowMs: z.number().int().positive() });

/** Limits of one Books organization; null switches one off. */
const booksLimitsSchema = z.strictObject({
  /** Code 44. */
  minute: windowSchema.nullable(),
  /** Code 45. */
  day: windowSchema.nullable(),
  /** Calls in process at once; code 1070. */
  concurrent: z.number().int().positive().nullable(),
  /** A burst, refused calls included, blocks everything for `blockMs`: code 43 with `Retry-After`. */
  block: windowSchema.extend({ blockMs: z.number().int().positive() }).nullable(),
});
export type BooksLimits = z.output<typeof booksLimitsSchema>;

/** Limits of Zoho accounts. */
const accountsLimitsSchema = z.strictObject({
  /** Access tokens made from one refresh token. */
  refresh: windowSchema,
  /** Authorization codes per client. */
  codes: windowSchema,
  /** The next access token of the same refresh token ends the oldest. */
  activeAccessTokens: z.number().int().positive(),
  /** The next refresh token of the same user ends the oldest. */
  refreshTokens: z.number().int().positive(),
  codeLifeMs: z.number().int().positive(),
  tokenLifeMs: z.number().int().positive(),
});
export type AccountsLimits = z.output<typeof accountsLimitsSchema>;

/** What `POST /_simulator/limits` takes: only what is to change. */
export const limitsChangeSchema = booksLimitsSchema.partial().extend({
  accounts: accountsLimitsSchema.partial().optional(),
  /** Forgets the calls counted so far, and ends a block. */
  reset: z.boolean().optional(),
});
export type LimitsChange = z.infer<typeof limitsChangeSchema>;

/** `base` with the members of the changes that are there, later ones winning. */
export function laidOver<T extends object>(base: T, ...changes: readonly { [K in keyof T]?: T[K] | undefined }[]): T {
  const result = { ...base };
  for (const change of changes) {
    for (const name of Object.keys(base) as (keyof T)[]) {
      const value = change[name];
      if (value !== undefined) result[name] = value;
    }
  }
  return result;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

const dayCalls: Record<string, number> = { FREE: 1000, STANDARD: 2000, PROFESSIONAL: 5000 };

/** The limits of a plan: Zoho Books API v3, Introduction, "API Call Limit" and "Concurrent Rate Limiter". */
export function planLimits(planName: string): BooksLimits {
  const plan = planName.toUpperCase();
  const day: WindowLimit = { calls: dayCalls[plan] ?? 10_000, windowMs: dayMs };
  return {
    minute: { calls: 100, windowMs: minuteMs },
    day,
    concurrent: plan === 'FREE' ? 5 : 10,
    block: { calls: 1000, windowMs: minuteMs, blockMs: 60 * minuteMs },
  };
}

/** Zoho accounts, "Access token expiry" and Zoho Books API v3, "OAuth". */
export const accountsLimits: AccountsLimits = {
  refresh: { calls: 10, windowMs: 10 * minuteMs },
  codes: { calls: 10, windowMs: 10 * minuteMs },
  activeAccessTokens: 15,
  refreshTokens: 20,
  codeLifeMs: 2 * minuteMs,
  tokenLifeMs: 60 * minuteMs,
};

const clientSchema = z.strictObject({ clientId: z.string(), clientSecret: z.string(), redirectUris: z.array(z.string()) });
export type Client = z.output<typeof clientSchema>;

const defaultClient: Client = {
  clientId: '1000.BOOKBRIDGE',
  clientSecret: 'bookbridge-secret',
  redirectUris: ['http://localhost/callback', 'http://127.0.0.1/callback'],
};

const customFieldSchema = z.strictObject({
  api_name: z.string().startsWith('cf_'),
  label: z.string(),
  data_type: z.string().default('string'),
  is_unique: z.boolean().default(false),
});

const bookbridgeId = [{ api_name: 'cf_bookbridge_id', label: 'Bookbridge ID', data_type: 'string', is_unique: true }];

/** Records are given with the names of the API's own fields; ids and times may be given too. */
const recordsSchema = z.array(z.record(z.string(), z.json())).default([]);

const organizationSchema = z.strictObject({
  organization_id: z.string().default('60012345678'),
  name: z.string().default('Zillium Inc'),
  currency_code: z.string().length(3).default('USD'),
  time_zone: z.string().default('America/Los_Angeles'),
  price_precision: z.number().int().min(0).max(6).default(2),
  plan_name: z.string().default('PROFESSIONAL'),
  /** On top of the plan's limits. */
  limits: booksLimitsSchema.partial().default({}),
  /** Off: a document needs its number. */
  auto_number_generation: z.boolean().default(true),
  custom_fields: z
    .object({
      contacts: z.array(customFieldSchema), items: z.array(customFieldSchema), invoices: z.array(customFieldSchema),
      creditnotes: z.array(customFieldSchema).default(bookbridgeId),
    })
    .default({ contacts: bookbridgeId, items: bookbridgeId, invoices: bookbridgeId, creditnotes: bookbridgeId }),
  /** Whether lists of documents show custom fields by their API names. The OpenAPI file has them by their ids in lists of invoices, and not at all in those of credit notes. */
  namesCustomFieldsInLists: z.boolean().default(true),
  /** Whether a write by a key is refused for what its body lacks before the record is looked for: no page says which comes first. */
  checksBodyFirst: z.boolean().default(false),
  /** Whether a line with a rate below zero is refused: Zoho's own pages speak of such lines, the API's say nothing. */
  refusesNegativeLines: z.boolean().default(false),
  /** Whether taxes are rounded line by line, or once for a document. */
  taxRounding: z.enum(['item_level', 'entity_level']).default('item_level'),
  /** Decimals a rate keeps. */
  rateDigits: z.number().int().min(0).max(12).default(6),
  /** The greatest number of lines in a document; no page names one. */
  maxLines: z.number().int().positive().nullable().default(null),
  currencies: recordsSchema,
  taxes: recordsSchema,
  /** `{tax_group_name, taxes: [names or ids of taxes]}` */
  tax_groups: recordsSchema,
  accounts: recordsSchema,
  users: recordsSchema,
  items: recordsSchema,
  contacts: recordsSchema,
  invoices: recordsSchema,
  creditnotes: recordsSchema,
});
export type OrganizationData = z.output<typeof organizationSchema>;

/** What a Zoho simulator is started with; everything may be left out. */
export const zohoOptionsSchema = z.strictObject({
  /** 0 takes a free port. */
  port: z.number().int().default(0),
  organizations: z.array(organizationSchema).default([organizationSchema.parse({})]),
  clients: z.array(clientSchema).default([defaultClient]),
  /** For every organization, on top of its plan's limits. */
  limits: booksLimitsSchema.partial().default({}),
  accountsLimits: accountsLimitsSchema.partial().default({}),
  /** Life of an access token; the same as `accountsLimits.tokenLifeMs`. */
  tokenLifeMs: z.number().int().positive().optional(),
  /** `location` in the callback. */
  location: z.string().default('us'),
  /** HTTP status of errors of the token endpoint: 200 was seen live, 400 too. */
  tokenErrorStatus: z.number().int().default(200),
  /** Whether Books answers with X-Rate-Limit-* headers: one production connector reads them, two live probes saw none. */
  quotaHeaders: z.boolean().default(false),
  /** How long Books works on each call; concurrency is only seen above 0. */
  workMs: z.number().int().nonnegative().default(0),
});
export type ZohoOptions = z.input<typeof zohoOptionsSchema>;
export type CheckedZohoOptions = z.output<typeof zohoOptionsSchema>;
