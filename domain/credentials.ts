import { z } from 'zod';

/** What a connection keeps, encrypted in the store. */

/** An address that can be called. */
export const webAddressSchema = z.url({ protocol: /^https?$/, error: 'must be an address that begins with https:// or http://' });

/** The Zoho application of the user and the addresses of its data centre. */
export const zohoClientSchema = z.object({
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  accountsUrl: z.url(),
  apiUrl: z.url(),
  /** Where the answer of the last authorisation came to. */
  redirectUri: z.url().optional(),
});

export const zohoTokensSchema = z.object({
  refreshToken: z.string().min(1),
  accessToken: z.string(),
  issuedAtMs: z.number(),
  expiresAtMs: z.number(),
  refusedUntilMs: z.number().nullable(),
});

export const hectorAccessSchema = z.object({
  baseUrl: webAddressSchema,
  token: z.string().min(1),
});

export const prestaShopAccessSchema = z.object({
  /** Address of the shop, without `/api`. */
  baseUrl: webAddressSchema,
  /** Of the webservice, with the right to GET. */
  key: z.string().regex(/^\S{32}$/, 'is not a key of 32 characters'),
});

/** Keys of the REST API of a shop: with the right to read, and to write where the shop is to announce changes. */
export const wooCommerceAccessSchema = z.object({
  /** Address of the shop, without `/wp-json`. Keys are never sent in the clear, but to this machine. */
  baseUrl: z.url().refine((address) => /^(https:|http:\/\/(localhost|127\.0\.0\.1|\[::1\])([:/]|$))/.test(address), 'does not begin with https://'),
  consumerKey: z.string().min(1),
  consumerSecret: z.string().min(1),
  /** Whether the keys go into the address of each call, for a shop whose server drops the header `Authorization`. */
  keysInQuery: z.boolean().default(false),
});

/** Where the other system delivers what it announces, and the secret it signs with. */
export const webhookSchema = z.object({
  /** The secret part of the address. */
  path: z.string().min(1),
  secret: z.string().min(1),
  /** The whole address as it was registered last. */
  url: z.string(),
});

/** Under which name that is stored, for instance `hector-webhook`. */
export function webhookCredentialName(system: string): string {
  return `${system}-webhook`;
}

/** Under which name each is stored, per integration; those of the other system stand under its own name. */
export const credentialNames = { zohoClient: 'zoho-client', zohoTokens: 'zoho-tokens' } as const;

/** The custom field that refuses duplicates in Books and carries our keys on contacts, items, invoices and credit notes. */
export const UNIQUE_FIELD = 'cf_bookbridge_id';

/** The quota of a Books organization: shared by all integrations and workers that work for it. */
export function booksQuotaId(organizationId: string): string {
  return `zoho-books:${organizationId}`;
}

/** Zoho's accounts server has limits of its own, which the token source keeps; its calls are counted here. */
export const ACCOUNTS_QUOTA_ID = 'zoho-accounts';
