import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import { allIssues } from '../../domain/issues.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { IntegrationContext } from '../integration.ts';
import { emailSetting, factsSchema, organizationIdSetting, timeZoneSetting } from '../settings.ts';

/** The five calculation types, as the attribute in Hector names them (guide 2.4). */
export const calculationTypes = ['Per transaction', 'By hour', 'By day', 'By week', 'By month'] as const;
export type CalculationType = (typeof calculationTypes)[number];

/** Which period of a loaner is billed: what happened, or what was agreed. */
const billedPeriods = ['actual', 'planned'] as const;

/** What becomes of a unit that has only begun: counted, left out, or counted from its half on. At least one is always billed. */
export const unitRoundings = ['up', 'down', 'nearest'] as const;
export type UnitRounding = (typeof unitRoundings)[number];

const calculationType = z.enum(calculationTypes);
const id = z.string().trim().min(1, 'must not be empty');
const optionalId = z.preprocess((value) => (value === '' || value === undefined ? null : value), id.nullable()).default(null);

/**
 * The settings page of the guide (2.4), without what belongs to the connections (Client Id, Secret, Domain). Strict, so that
 * a misspelt field is named instead of ignored.
 */
export const settingsSchema = z.strictObject({
  organizationId: organizationIdSetting,
  email: emailSetting,
  /** Use Hector customers for Zoho customers; otherwise Hector's users. */
  useHectorCustomers: z.boolean(),
  penaltyItemId: optionalId,
  /** The sales account of parts that are exported; without it none are. */
  purchaseAccountId: optionalId,
  calculationTypeParts: calculationType,
  calculationTypePlaces: calculationType,
  categoryId: id,
  stockroomId: id,
  /** Ids of the statuses that count as completed: their labels can be renamed in Hector. */
  completedStatusIds: z.array(id).min(1, 'must name at least one status of Hector'),
  billedPeriod: z.enum(billedPeriods).default('actual'),
  unitRounding: z.enum(unitRoundings).default('up'),
  timeZone: timeZoneSetting,
});

export type HectorSettings = z.output<typeof settingsSchema>;

export interface HectorContext extends IntegrationContext {
  readonly settings: HectorSettings;
}

/** @throws BookbridgeError `settings-invalid` naming every wrong field */
export function readHectorContext(settings: JsonObject, facts: JsonObject, integrationId: string): HectorContext {
  // A version of Bookbridge that knows more settings may have stored them.
  const parsed = settingsSchema.strip().safeParse(settings);
  if (!parsed.success) throw new BookbridgeError('settings-invalid', { detail: allIssues(parsed.error) });
  const organization = factsSchema.safeParse(facts);
  if (!organization.success) throw new BookbridgeError('settings-invalid', { detail: `organization: ${allIssues(organization.error)}` });
  return { integrationId, settings: parsed.data, organization: organization.data, notifyEmail: parsed.data.email };
}

/** To write contacts and invoices, to read items (Books counts them as settings). */
const scopes = ['ZohoBooks.contacts.ALL', 'ZohoBooks.invoices.ALL', 'ZohoBooks.settings.READ'];
/** To write items too, which only the export of parts does, and to look its account up. */
const exportScopes = ['ZohoBooks.settings.CREATE', 'ZohoBooks.settings.UPDATE', 'ZohoBooks.accountants.READ'];

/**
 * What Books has to allow.
 *
 * @param settings as {@link settingsSchema} takes them
 */
export function scopesOf({ purchaseAccountId }: JsonObject): string[] {
  return purchaseAccountId === null || purchaseAccountId === undefined || purchaseAccountId === '' ? scopes : [...scopes, ...exportScopes];
}

/** The engine hands every integration the very context that its own `readContext` made; this says so to the compiler. */
export function contextOf(context: IntegrationContext): HectorContext {
  return context as HectorContext;
}
