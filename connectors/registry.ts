import type { z } from 'zod';
import { hectorAccessSchema, prestaShopAccessSchema, wooCommerceAccessSchema } from '../domain/credentials.ts';
import { BookbridgeError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Gate } from './gate.ts';
import { createHectorCall } from './hector/call.ts';
import { createHector } from './hector/index.ts';
import { isHectorSignature, readHectorDelivery, registerHectorWebhook, unregisterHectorWebhook } from './hector/webhooks.ts';
import type { Http } from './http.ts';
import { createPrestaShop } from './prestashop/index.ts';
import type { Connector } from './resource.ts';
import type { Announcer } from './webhooks.ts';
import { createWooCommerceCall } from './woocommerce/call.ts';
import { createWooCommerce } from './woocommerce/index.ts';
import { isWooCommerceSignature, readWooCommerceDelivery, registerWooCommerceWebhooks, unregisterWooCommerceWebhooks } from './woocommerce/webhooks.ts';

/** What the engine lends a connector. */
export interface Access {
  readonly http: Http;
  /** The gate of one tenant of the system: all that use the same instance share its limits. */
  readonly gate: (tenant: string) => Gate;
}

/** The systems that Books is connected with: how each is opened with the credentials that are stored for it. */
const systems: Readonly<Record<string, (secret: JsonObject, access: Access) => Connector>> = {
  hector: (secret, access) => createHector(hectorAccess(secret, access)),
  prestashop: (secret, access) => createPrestaShop(prestaShopAccess(secret, access)),
  woocommerce: (secret, access) => createWooCommerce(wooCommerceAccess(secret, access)),
};

type AccessSchema = z.ZodObject<Readonly<Record<string, z.ZodType<string | boolean>>>>;

/** What a person enters to give access to each: the credentials as they are stored. */
const accessSchemas: Readonly<Record<string, AccessSchema>> = {
  hector: hectorAccessSchema,
  prestashop: prestaShopAccessSchema,
  woocommerce: wooCommerceAccessSchema,
};

/** How those announce changes that do. */
const announcers: Readonly<Record<string, Announcer>> = {
  hector: {
    isGenuine: (secret, header, body) => isHectorSignature(secret, header('x-hector-signature'), body),
    read: readHectorDelivery,
    register: (secret, access, registration) => registerHectorWebhook(createHectorCall(hectorAccess(secret, access)), registration),
    unregister: (secret, access, prefixes) => unregisterHectorWebhook(createHectorCall(hectorAccess(secret, access)), prefixes),
  },
  woocommerce: {
    isGenuine: (secret, header, body) => isWooCommerceSignature(secret, header('x-wc-webhook-signature'), body),
    read: readWooCommerceDelivery,
    register: (secret, access, registration) => registerWooCommerceWebhooks(createWooCommerceCall(wooCommerceAccess(secret, access)), registration),
    unregister: (secret, access, prefixes) => unregisterWooCommerceWebhooks(createWooCommerceCall(wooCommerceAccess(secret, access)), prefixes),
  },
};

function hectorAccess(secret: JsonObject, { http, gate }: Access) {
  const access = readSecret(hectorAccessSchema, secret, 'hector');
  return { http, ...access, gate: gate(new URL(access.baseUrl).host) };
}

function prestaShopAccess(secret: JsonObject, { http, gate }: Access) {
  const access = readSecret(prestaShopAccessSchema, secret, 'prestashop');
  return { http, ...access, gate: gate(new URL(access.baseUrl).host) };
}

function wooCommerceAccess(secret: JsonObject, { http, gate }: Access) {
  const access = readSecret(wooCommerceAccessSchema, secret, 'woocommerce');
  return { http, ...access, gate: gate(new URL(access.baseUrl).host) };
}

/**
 * How the access to a system looks, for the settings that a person fills in; what passes it is what {@link openSystem} takes.
 *
 * @param system as an integration names it
 */
export function accessSchemaOf(system: string): AccessSchema {
  const schema = accessSchemas[system];
  if (!schema) throw new Error(`There is no connector for ${system}`);
  return schema;
}

/** Null where the system announces nothing. */
export function announcerOf(system: string): Announcer | null {
  return announcers[system] ?? null;
}

/**
 * @param system as an integration names it
 * @param secret credentials as they were stored when the integration was connected
 * @throws BookbridgeError `settings-invalid` when the credentials cannot be used
 */
export function openSystem(system: string, secret: JsonObject, access: Access): Connector {
  const open = systems[system];
  if (!open) throw new Error(`There is no connector for ${system}`);
  return open(secret, access);
}

function readSecret<T>(schema: z.ZodType<T>, secret: JsonObject, system: string): T {
  const parsed = schema.safeParse(secret);
  if (!parsed.success) throw new BookbridgeError('settings-invalid', { detail: `the stored credentials of ${system} cannot be read: connect again` });
  return parsed.data;
}
