import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import { allIssues } from '../../domain/issues.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { IntegrationContext } from '../integration.ts';
import { emailSetting, factsSchema, organizationIdSetting, timeZoneSetting } from '../settings.ts';

/** How money that was given back gets into the books. */
const refundModes = ['credit-note', 'void', 'report'] as const;
/** Discounts as lines below zero, as the guide says, or in the field that lines have for them. */
const discountForms = ['lines', 'fields'] as const;
/** As the organization in Books is set up to round taxes. */
const taxRoundings = ['line', 'document'] as const;

const id = z.string().trim().min(1, 'must not be empty');

/**
 * The settings page of the guide (Configuration Options, Automatic Sending), and what it leaves open. Strict, so that a misspelt field is
 * named instead of ignored.
 */
export const settingsSchema = z.strictObject({
  organizationId: organizationIdSetting,
  email: emailSetting,
  /** Off: orders are sent by command only. */
  automaticSending: z.boolean().default(true),
  /** Ids of the shop's statuses that count as paid; null: those that the shop itself counts. */
  paidStatuses: z.array(id).min(1, 'must name at least one status of the shop').nullable().default(null),
  /** A day in `timeZone`; what was ordered before is left to the books as they are. */
  ordersFrom: z.iso.date('must be a day such as 2026-01-01'),
  /** The shop's id of a rate (of several: `1+2`), or a percentage such as `20%`, and the id of the tax or tax group in Books. */
  taxes: z.record(id, id).default({}),
  taxRounding: z.enum(taxRoundings).default('line'),
  refunds: z.enum(refundModes).default('credit-note'),
  discountsAs: z.enum(discountForms).default('lines'),
  timeZone: timeZoneSetting,
});

export type ShopSettings = z.output<typeof settingsSchema>;

export interface ShopContext extends IntegrationContext {
  readonly settings: ShopSettings;
}

/** @throws BookbridgeError `settings-invalid` naming every wrong field */
export function readShopSettings(settings: JsonObject): ShopSettings {
  // A version of Bookbridge that knows more settings may have stored them.
  const parsed = settingsSchema.strip().safeParse(settings);
  if (!parsed.success) throw new BookbridgeError('settings-invalid', { detail: allIssues(parsed.error) });
  return parsed.data;
}

/** @throws BookbridgeError `settings-invalid` naming every wrong field */
export function readShopContext(input: JsonObject, facts: JsonObject, integrationId: string): ShopContext {
  const settings = readShopSettings(input);
  const organization = factsSchema.safeParse(facts);
  if (!organization.success) throw new BookbridgeError('settings-invalid', { detail: `organization: ${allIssues(organization.error)}` });
  return { integrationId, settings, organization: organization.data, notifyEmail: settings.email };
}

/** To write contacts, invoices and credit notes, to read taxes and currencies (Books counts them as settings). */
export function scopesOf({ refunds }: JsonObject): string[] {
  const scopes = ['ZohoBooks.contacts.ALL', 'ZohoBooks.invoices.ALL', 'ZohoBooks.settings.READ'];
  return refunds === undefined || refunds === 'credit-note' ? [...scopes, 'ZohoBooks.creditnotes.ALL'] : scopes;
}

/** The engine hands every integration the very context that its own `readContext` made; this says so to the compiler. */
export function contextOf(context: IntegrationContext): ShopContext {
  return context as ShopContext;
}
