import { z } from 'zod';
import { webAddressSchema } from './credentials.ts';
import { inPlainWords, wrongFields, wrongInput } from './wrong-input.ts';

const positive = z.coerce.number().int().positive();
/** A variable that is set to nothing is not set. */
const optional = <Schema extends z.ZodType>(schema: Schema) => z.preprocess((value) => (value === '' ? undefined : value), schema.optional());
const keyRule = 'must be set to 32 bytes in base64, for instance from: openssl rand -base64 32';

/**
 * The configuration of worker and client, all from the environment; Temporal's own variables are read by
 * `@temporalio/envconfig`. docs/operations.md has the same table.
 */
const configSchema = z.object({
  /** Where Bookbridge remembers: `sqlite:FILE`, or PostgreSQL. */
  DATABASE_URL: z.string().regex(/^(sqlite:.|postgres(ql)?:)/, 'must be sqlite:FILE, for instance sqlite:bookbridge.sqlite, or postgres://user:password@host:port/database').default('sqlite:bookbridge.sqlite'),
  /** Encrypts the credentials in the database. */
  BOOKBRIDGE_KEY: z.string({ error: keyRule }).refine((key) => Buffer.from(key, 'base64').length === 32, keyRule),
  BOOKBRIDGE_TASK_QUEUE: z.string().min(1).default('bookbridge'),
  /** Longest time for one call to another system, milliseconds. After a minute a call counts as lost, and another worker may renew a token. */
  BOOKBRIDGE_CALL_TIMEOUT_MS: positive.max(45_000).default(30_000),
  /** Records carried over at once by one activity. */
  BOOKBRIDGE_LANES: positive.default(4),
  /** Another server in Zoho's place, for both of its addresses. */
  ZOHO_ACCOUNTS_URL: optional(webAddressSchema),
  ZOHO_API_URL: optional(webAddressSchema),
  /** Another server in the place of the system on the other side, whatever address the settings name. */
  HECTOR_URL: optional(webAddressSchema),
  WOOCOMMERCE_URL: optional(webAddressSchema),
  PRESTASHOP_URL: optional(webAddressSchema),
  /** The mail server for e-mail about stops: `smtp://USER:PASSWORD@HOST:PORT`. */
  SMTP_URL: optional(z.url({ protocol: /^smtps?$/, error: 'must be the address of a mail server, such as smtp://user:password@mail.example.com:587' })),
  /** From whom it comes; otherwise from `bookbridge@` the host of the mail server. */
  SMTP_FROM: optional(z.string().regex(/@[^@\s]+$/, 'must be an e-mail address, such as Bookbridge <bookbridge@example.com>')),
  /** A stop that is shorter is not told of by e-mail, milliseconds. */
  BOOKBRIDGE_NOTICE_AFTER_MS: z.coerce.number().int().min(0).default(600_000),
  /** For how many days history and runs are kept. */
  BOOKBRIDGE_HISTORY_DAYS: positive.default(180),
  /** Where a worker listens for webhooks; 0 takes a free port. */
  BOOKBRIDGE_WEBHOOK_PORT: optional(z.coerce.number().int().min(0).max(65_535)),
  BOOKBRIDGE_WEBHOOK_HOST: z.string().min(1).default('127.0.0.1'),
  /** Where other systems reach that listener. */
  BOOKBRIDGE_PUBLIC_URL: optional(webAddressSchema),
  /** What callers of the JSON API (`bookbridge serve`) identify themselves with. */
  BOOKBRIDGE_API_TOKEN: optional(z.string().regex(/^\S{16,}$/, 'must have at least 16 characters and no blanks, for instance from: openssl rand -base64 24')),
});

export interface Config {
  readonly databaseUrl: string;
  readonly key: string;
  readonly taskQueue: string;
  readonly callTimeoutMs: number;
  readonly lanes: number;
  readonly zoho: { readonly accountsUrl: string; readonly apiUrl: string } | null;
  /** Servers that are connected with in the place of those in the settings, by the name of the system. */
  readonly systemUrls: Readonly<Record<string, string>>;
  /** Null: no e-mail is sent. */
  readonly smtp: { readonly url: string; readonly from: string } | null;
  readonly noticeAfterMs: number;
  readonly historyDays: number;
  /** Where a worker listens for webhooks; null: it does not. */
  readonly webhooks: { readonly port: number; readonly host: string } | null;
  /** Where other systems reach it; null: they are not asked to. */
  readonly publicUrl: string | null;
  /** What callers of the JSON API identify themselves with; null: they need not, and it listens on this machine only. */
  readonly apiToken: string | null;
}

const remedy = 'Set it so in the environment.';

/**
 * @param env variables by name, as in `process.env`
 * @throws BookbridgeError `settings-invalid` naming every wrong variable
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const parsed = configSchema.safeParse(env, { error: inPlainWords });
  const wrong = parsed.success ? [] : wrongFields(parsed.error, () => remedy);
  // A variable that is set to nothing is not set.
  if (!env['ZOHO_ACCOUNTS_URL'] !== !env['ZOHO_API_URL']) wrong.push({ field: 'ZOHO_ACCOUNTS_URL and ZOHO_API_URL', detail: 'set both or none', remedy });
  if (!parsed.success || wrong.length > 0) throw wrongInput(wrong);
  const { data } = parsed;
  const { ZOHO_ACCOUNTS_URL: accountsUrl, ZOHO_API_URL: apiUrl } = data;
  return {
    databaseUrl: data.DATABASE_URL, key: data.BOOKBRIDGE_KEY, taskQueue: data.BOOKBRIDGE_TASK_QUEUE,
    callTimeoutMs: data.BOOKBRIDGE_CALL_TIMEOUT_MS, lanes: data.BOOKBRIDGE_LANES,
    zoho: accountsUrl === undefined || apiUrl === undefined ? null : { accountsUrl, apiUrl },
    systemUrls: given({ hector: data.HECTOR_URL, woocommerce: data.WOOCOMMERCE_URL, prestashop: data.PRESTASHOP_URL }),
    smtp: data.SMTP_URL === undefined ? null : { url: data.SMTP_URL, from: data.SMTP_FROM ?? `Bookbridge <bookbridge@${new URL(data.SMTP_URL).hostname}>` },
    noticeAfterMs: data.BOOKBRIDGE_NOTICE_AFTER_MS, historyDays: data.BOOKBRIDGE_HISTORY_DAYS,
    webhooks: data.BOOKBRIDGE_WEBHOOK_PORT === undefined ? null : { port: data.BOOKBRIDGE_WEBHOOK_PORT, host: data.BOOKBRIDGE_WEBHOOK_HOST },
    publicUrl: data.BOOKBRIDGE_PUBLIC_URL ?? null, apiToken: data.BOOKBRIDGE_API_TOKEN ?? null,
  };
}

function given(urls: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(urls).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
