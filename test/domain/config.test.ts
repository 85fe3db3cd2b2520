import { describe, expect, it } from 'vitest';
import { readConfig } from '../../domain/config.ts';
import { BookbridgeError } from '../../domain/errors.ts';

const key = 'MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=';

describe('readConfig', () => {
  it('needs nothing but the key', () => {
    expect(readConfig({ BOOKBRIDGE_KEY: key })).toMatchObject({
      databaseUrl: 'sqlite:bookbridge.sqlite', key, taskQueue: 'bookbridge', callTimeoutMs: 30_000, lanes: 4, zoho: null, smtp: null, noticeAfterMs: 600_000, webhooks: null, publicUrl: null,
    });
  });

  it('reads every variable', () => {
    expect(readConfig({
      BOOKBRIDGE_KEY: key, DATABASE_URL: 'sqlite:other.sqlite', BOOKBRIDGE_TASK_QUEUE: 'tests',
      BOOKBRIDGE_CALL_TIMEOUT_MS: '500', BOOKBRIDGE_LANES: '8', ZOHO_ACCOUNTS_URL: 'http://127.0.0.1:1', ZOHO_API_URL: 'http://127.0.0.1:2',
    })).toMatchObject({
      databaseUrl: 'sqlite:other.sqlite', key, taskQueue: 'tests', callTimeoutMs: 500, lanes: 8,
      zoho: { accountsUrl: 'http://127.0.0.1:1', apiUrl: 'http://127.0.0.1:2' },
    });
  });

  it('needs no more than the address of a mail server to send mail', () => {
    expect(readConfig({ BOOKBRIDGE_KEY: key, SMTP_URL: 'smtp://user:secret@mail.example.com:587' }).smtp).toEqual({
      url: 'smtp://user:secret@mail.example.com:587', from: 'Bookbridge <bookbridge@mail.example.com>',
    });
    expect(readConfig({ BOOKBRIDGE_KEY: key, SMTP_URL: 'smtps://mail.example.com', SMTP_FROM: 'desk@example.com' }).smtp?.from).toBe('desk@example.com');
    expect(readConfig({ BOOKBRIDGE_KEY: key, SMTP_URL: '', SMTP_FROM: '' }).smtp).toBeNull();
  });

  it('needs no more than a port to listen for webhooks, on this machine only', () => {
    expect(readConfig({ BOOKBRIDGE_KEY: key, BOOKBRIDGE_WEBHOOK_PORT: '8415', BOOKBRIDGE_PUBLIC_URL: 'https://bridge.example.com' })).toMatchObject({
      webhooks: { port: 8415, host: '127.0.0.1' }, publicUrl: 'https://bridge.example.com',
    });
    expect(readConfig({ BOOKBRIDGE_KEY: key, BOOKBRIDGE_WEBHOOK_PORT: '' }).webhooks).toBeNull();
  });

  it('puts another server in the place of the system on the other side', () => {
    expect(readConfig({ BOOKBRIDGE_KEY: key, HECTOR_URL: 'http://127.0.0.1:3', WOOCOMMERCE_URL: 'https://shop.test', PRESTASHOP_URL: '' }).systemUrls)
      .toEqual({ hector: 'http://127.0.0.1:3', woocommerce: 'https://shop.test' });
    expect(readConfig({ BOOKBRIDGE_KEY: key }).systemUrls).toEqual({});
  });

  it.each([
    [{}, /BOOKBRIDGE_KEY: must be set to 32 bytes in base64/],
    [{ BOOKBRIDGE_KEY: key, BOOKBRIDGE_CALL_TIMEOUT_MS: 'soon' }, /BOOKBRIDGE_CALL_TIMEOUT_MS: /],
    [{ BOOKBRIDGE_KEY: key, BOOKBRIDGE_CALL_TIMEOUT_MS: '60000' }, /BOOKBRIDGE_CALL_TIMEOUT_MS: .*45000/],
    [{ BOOKBRIDGE_KEY: key, BOOKBRIDGE_LANES: '0' }, /BOOKBRIDGE_LANES: /],
    [{ BOOKBRIDGE_KEY: key, BOOKBRIDGE_LANES: '1.5' }, /BOOKBRIDGE_LANES: /],
    [{ BOOKBRIDGE_KEY: key, BOOKBRIDGE_TASK_QUEUE: '' }, /BOOKBRIDGE_TASK_QUEUE: /],
    [{ BOOKBRIDGE_KEY: key, SMTP_URL: 'mail.example.com' }, /SMTP_URL: must be the address of a mail server/],
    [{ BOOKBRIDGE_KEY: key, BOOKBRIDGE_WEBHOOK_PORT: '70000' }, /BOOKBRIDGE_WEBHOOK_PORT: /],
    [{ BOOKBRIDGE_KEY: key, BOOKBRIDGE_PUBLIC_URL: 'bridge.example.com' }, /BOOKBRIDGE_PUBLIC_URL: must be an address/],
    [{ BOOKBRIDGE_KEY: key, SMTP_FROM: 'Bookbridge' }, /SMTP_FROM: must be an e-mail address/],
    [{ BOOKBRIDGE_KEY: key, BOOKBRIDGE_NOTICE_AFTER_MS: 'never' }, /BOOKBRIDGE_NOTICE_AFTER_MS: /],
    [{ BOOKBRIDGE_KEY: key, HECTOR_URL: 'hector.local' }, /HECTOR_URL: must be an address/],
    [{ BOOKBRIDGE_KEY: key, BOOKBRIDGE_API_TOKEN: 'short' }, /BOOKBRIDGE_API_TOKEN: must have at least 16 characters/],
    [{ BOOKBRIDGE_KEY: key, ZOHO_API_URL: 'zoho' }, /ZOHO_API_URL: /],
    [{ BOOKBRIDGE_KEY: key, ZOHO_API_URL: 'http://127.0.0.1:2' }, /ZOHO_ACCOUNTS_URL and ZOHO_API_URL: set both or none/],
    [{ BOOKBRIDGE_KEY: key, ZOHO_ACCOUNTS_URL: 'http://127.0.0.1:2' }, /ZOHO_ACCOUNTS_URL and ZOHO_API_URL: set both or none/],
  ])('names the variable that is wrong in %j', (env, message) => {
    expect(() => readConfig(env)).toThrow(message);
    expect(() => readConfig(env)).toThrow(expect.objectContaining({ code: 'settings-invalid' }));
  });

  it('names all that is wrong at once', () => {
    const read = () => readConfig({ BOOKBRIDGE_LANES: 'many', BOOKBRIDGE_CALL_TIMEOUT_MS: '-1' });
    expect(read).toThrow(BookbridgeError);
    expect(read).toThrow(/BOOKBRIDGE_KEY: .*; BOOKBRIDGE_CALL_TIMEOUT_MS: .*; BOOKBRIDGE_LANES: /);
  });

  it.each([
    [{ DATABASE_URL: 'foo', ZOHO_API_URL: 'http://127.0.0.1:2' }, ['DATABASE_URL', 'BOOKBRIDGE_KEY', 'ZOHO_ACCOUNTS_URL and ZOHO_API_URL']],
    [{ DATABASE_URL: 'sqlite:', BOOKBRIDGE_KEY: 'c2hvcnQ=' }, ['DATABASE_URL', 'BOOKBRIDGE_KEY']],
  ])('says of each variable that is wrong in %j what it must be, before anything is opened', (env, fields) => {
    const problems = fields.map((field) => expect.objectContaining({ field, detail: expect.stringMatching(/^(must be|set both)/), remedy: 'Set it so in the environment.' }));
    expect(() => readConfig(env)).toThrow(expect.objectContaining({ problems }));
  });

  it('takes a variable that is set to nothing for one that is not set', () => {
    expect(readConfig({ BOOKBRIDGE_KEY: key, ZOHO_ACCOUNTS_URL: '', ZOHO_API_URL: '' }).zoho).toBeNull();
  });

  it('never shows the key', () => {
    expect(() => readConfig({ BOOKBRIDGE_KEY: key, BOOKBRIDGE_LANES: '0' })).toThrow(expect.objectContaining({ message: expect.not.stringContaining(key) }));
  });
});
