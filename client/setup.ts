import { z } from 'zod';
import { accessSchemaOf } from '../connectors/registry.ts';
import { webAddressSchema } from '../domain/credentials.ts';
import type { JsonObject } from '../domain/json.ts';
import { inPlainWords, wrongFields, wrongInput } from '../domain/wrong-input.ts';
import type { Integration } from '../integrations/integration.ts';
import { chosenLimitsSchema, sharesSchema } from './limits.ts';
import { nearest } from './suggest.ts';

/** What every integration is connected with, beside its own settings and the access to its other system. */
export const commonSetupSchema = z.object({
  /** How this integration is called in commands, workflow ids and keys; never changed afterwards. */
  id: z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case letters, digits and dashes'),
  clientId: z.string().trim().min(1, 'must not be empty'),
  clientSecret: z.string().trim().min(1, 'must not be empty'),
  domain: z.string().trim().min(1, 'must be the domain of your Books, such as .com'),
  redirectUri: webAddressSchema.default('http://localhost:8414/callback'),
  syncIntervalSeconds: z.int().min(1),
  /** Other limits than those of the organization's plan. */
  limits: chosenLimitsSchema.strict().default({}),
  ...sharesSchema.shape,
});

/** A file of settings, read: what stands in it under the name of the other system is the access. */
export interface Setup extends z.output<typeof commonSetupSchema> {
  readonly settings: JsonObject & { readonly organizationId: string };
  readonly access: JsonObject;
}

/** What a person fills in, as one object: the whole of the settings page. Strict, so that a misspelt field is named instead of ignored. */
export function setupSchemaOf({ kind, otherSystem, settingsSchema, syncIntervalSeconds }: Integration) {
  return commonSetupSchema.extend({
    id: commonSetupSchema.shape.id.default(kind),
    syncIntervalSeconds: commonSetupSchema.shape.syncIntervalSeconds.default(syncIntervalSeconds),
    settings: settingsSchema,
    [otherSystem]: accessSchemaOf(otherSystem).strict(),
  }).strict();
}

/**
 * @param input the settings, unchecked
 * @param systemUrls servers in the place of those in the settings, by the name of the system
 * @throws BookbridgeError `settings-invalid` naming every wrong field
 */
export function readSetup(integration: Integration, input: unknown, systemUrls: Readonly<Record<string, string>> = {}): Setup {
  const { otherSystem } = integration;
  const asObject = z.record(z.string(), z.unknown()).safeParse(input).data;
  const whole = asObject && { ...asObject, [otherSystem]: placed(asObject[otherSystem], systemUrls[otherSystem]) };
  if (!whole) throw wrongInput([{ field: 'all of it', detail: 'is no object', remedy: `It must look like what "bookbridge connect ${integration.kind} --example" prints.` }]);
  const setup = expectEntered(setupSchemaOf(integration), whole);
  const { settings, [otherSystem]: access } = setup as Readonly<Record<string, JsonObject>>;
  const { organizationId } = z.object({ organizationId: z.string() }).parse(settings);
  return { ...commonSetupSchema.parse(setup), settings: { ...settings, organizationId }, access: access ?? {} };
}

/**
 * Reads what a person entered.
 *
 * @throws BookbridgeError `settings-invalid` with every wrong field, and which one was meant by one that is misspelt
 */
export function expectEntered<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input, { error: inPlainWords });
  if (parsed.success) return parsed.data;
  throw wrongInput(wrongFields(parsed.error, (path, isUnknown) => (isUnknown ? meantBy(schema, path) : 'Correct it in the settings.')));
}

function meantBy(schema: z.ZodType, path: readonly PropertyKey[]): string {
  const known = fieldsAt(schema, path.slice(0, -1));
  const meant = nearest(String(path.at(-1)), known);
  return meant === null ? `There are: ${known.join(', ')}.` : `Did you mean ${meant}?`;
}

/** The fields that an object within the settings may have. */
function fieldsAt(schema: unknown, path: readonly PropertyKey[]): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return fieldsAt(schema.unwrap(), path);
  if (!(schema instanceof z.ZodObject)) return [];
  const [first, ...rest] = path;
  return first === undefined ? Object.keys(schema.shape) : fieldsAt(Reflect.get(schema.shape, first), rest);
}

/** The access with another address, where another server stands in the place of the system. */
export function placed(access: unknown, url: string | undefined): unknown {
  return url !== undefined && access !== null && typeof access === 'object' ? { ...access, baseUrl: url } : access;
}

/** A file of settings to fill in. */
export function exampleOf({ kind, otherSystem, example, syncIntervalSeconds }: Integration): JsonObject {
  return {
    id: kind,
    clientId: '1000.XXXXXXXXXXXXXXXXXXXXXXXXXXXXXX',
    clientSecret: 'the Secret beside it in the API console of Zoho',
    domain: '.com',
    redirectUri: commonSetupSchema.shape.redirectUri.parse(undefined),
    [otherSystem]: example.access,
    settings: example.settings,
    syncIntervalSeconds,
  };
}
