import { describe, expect, it, type TestContext } from 'vitest';
import { z } from 'zod';
import { BookbridgeError, type Problem } from '../../domain/errors.ts';
import { loadDataSet, type DataSet } from '../../simulators/data/index.ts';
import { organizationFrom } from '../../simulators/zoho/from-data.ts';
import { startBridge, type Bridge } from '../support/bridge.ts';
import { byRoute, callsDuring } from '../support/calls.ts';
import { startScriptedServer } from '../support/scripted-server.ts';

async function started(onTestFinished: TestContext['onTestFinished'], options: Parameters<typeof startBridge>[0] = {}): Promise<Bridge> {
  const bridge = await startBridge({ worker: false, ...options });
  onTestFinished(() => bridge.stop());
  return bridge;
}

/** The error with which connecting ends; it must end with one. */
async function refusal(connecting: Promise<void>): Promise<BookbridgeError> {
  try {
    await connecting;
  } catch (error) {
    if (error instanceof BookbridgeError) return error;
    throw error;
  }
  throw new Error('It was to be refused and was connected.');
}

const fieldsOf = (problems: readonly Problem[]) => problems.map(({ field }) => field);

/** The built-in data set with something different in Hector. */
async function withHector(different: (hector: DataSet['hector']) => Partial<DataSet['hector']>): Promise<DataSet> {
  const dataSet = await loadDataSet(null);
  return { ...dataSet, hector: { ...dataSet.hector, ...different(dataSet.hector) } };
}

/** Lays fields over a record of Hector against all rules. */
async function force({ hector }: Bridge, resource: string, id: string, fields: Record<string, unknown>): Promise<void> {
  const answer = await fetch(`${hector.url}/_simulator/records`, { method: 'POST', body: JSON.stringify({ resource, id, fields }) });
  if (!answer.ok) throw new Error(await answer.text());
}

/** The chosen category, stockroom and status, which all data sets have. */
function chosenOf({ dataSet }: Bridge) {
  const { categoryId, stockroomId } = dataSet.settings;
  return { categoryId, stockroomId, statusId: dataSet.hector.statuses.find(({ state }) => state === 'completed')?.id ?? '' };
}

describe('connecting', () => {
  it('looks at both systems first, with few calls and none that writes, and has nothing to say where all is well', async ({ onTestFinished }) => {
    const bridge = await started(onTestFinished);
    const before = bridge.zoho.state();
    const remarks: string[] = [];
    const calls = await callsDuring(bridge.zoho, () => bridge.connect({}, {}, { remark: (text) => remarks.push(text) }));
    expect(remarks).toEqual([]);
    expect(byRoute(calls)).toEqual({
      'GET /books/v3/organizations': 1, 'GET /books/v3/contacts': 1, 'GET /books/v3/invoices': 1, 'GET /books/v3/items': 1, 'GET /books/v3/items/:id': 1,
      'PUT /books/v3/contacts': 1, 'PUT /books/v3/invoices': 1,
    });
    expect(bridge.zoho.state()).toEqual(before);
  });

  it('names everything that is wrong at once, each with its remedy, and stores nothing', async ({ onTestFinished }) => {
    const bridge = await started(onTestFinished, { organization: { custom_fields: { contacts: [], items: [], invoices: [] } } });
    const error = await refusal(bridge.connect({ penaltyItemId: '999', purchaseAccountId: '888', categoryId: 'c-x', stockroomId: 's-x', completedStatusIds: ['st-x'] }));
    expect(error.code).toBe('settings-invalid');
    expect(fieldsOf(error.problems).toSorted()).toEqual([
      'Books contacts', 'Books invoices', 'Books items', 'settings.categoryId', 'settings.completedStatusIds.0', 'settings.penaltyItemId', 'settings.purchaseAccountId', 'settings.stockroomId',
    ]);
    for (const { detail, remedy } of error.problems) {
      expect(detail).not.toBe('');
      expect(remedy).toMatch(/\.$/);
      expect(error.detail).toContain(detail);
    }
    expect(await bridge.bookbridge.store.integrations.list()).toEqual([]);
    await expect(bridge.bookbridge.temporal.schedule.getHandle(`sync:${bridge.integrationId}`).describe()).rejects.toThrow(/not found/i);
  });

  it('says which ones there are where one does not exist in Hector', async ({ onTestFinished }) => {
    const bridge = await started(onTestFinished);
    const { detail } = await refusal(bridge.connect({ stockroomId: 's-x' }));
    const { stockrooms } = bridge.dataSet.hector;
    expect(detail).toBe(`settings.stockroomId: Hector has no stockroom s-x, only ${stockrooms.map(({ id, name }) => `${id} "${name}"`).join(', ')}`);
  });

  it('works when what was named is mended', async ({ onTestFinished }) => {
    const bridge = await started(onTestFinished);
    await refusal(bridge.connect({ categoryId: 'c-x' }));
    await bridge.connect();
    expect(await bridge.bookbridge.store.integrations.list()).toMatchObject([{ id: bridge.integrationId, state: 'active' }]);
  });
});

describe('in Books', () => {
  it('an organization of somebody else is named, with those of the account', async ({ onTestFinished }) => {
    const bridge = await started(onTestFinished);
    const error = await refusal(bridge.connect({ organizationId: '1' }));
    expect(error).toMatchObject({ code: 'organization-unknown', problems: [{ field: 'settings.organizationId' }] });
    expect(error.detail).toContain(`${bridge.dataSet.books.organization.id} "${bridge.dataSet.books.organization.name}"`);
  });

  it.for(['contacts', 'invoices', 'items'])('a missing right to read %s is named', async (resource, { onTestFinished }) => {
    const bridge = await started(onTestFinished);
    bridge.zoho.faults.add({ route: `GET /books/v3/${resource}`, kind: 'unauthorized' });
    const { code, problems } = await refusal(bridge.connect({ penaltyItemId: null }));
    expect(code).toBe('permission-missing');
    expect(fieldsOf(problems)).toEqual(['Zoho account']);
  });

  it('a missing right to write is found without writing', async ({ onTestFinished }) => {
    const bridge = await started(onTestFinished);
    bridge.zoho.faults.add({ route: 'PUT /books/v3/invoices', kind: 'unauthorized' });
    expect(await refusal(bridge.connect())).toMatchObject({ code: 'permission-missing', problems: [{ field: 'Books invoices' }] });
  });

  it('the penalty item must be active', async ({ onTestFinished }) => {
    const bridge = await started(onTestFinished);
    const { item_id: id = '' } = bridge.zoho.state().items.find(({ name }) => name === bridge.dataSet.settings.penaltyItem) ?? {};
    await bridge.zoho.act({ method: 'POST', path: `/items/${z.string().parse(id)}/inactive` });
    expect(await refusal(bridge.connect())).toMatchObject({ code: 'settings-invalid', detail: 'settings.penaltyItemId: the item "Penalty" is inactive' });
  });

  it('the purchase account must be a sales account that is there and active', async ({ onTestFinished }) => {
    const { accounts = [] } = organizationFrom((await loadDataSet(null)).books);
    const closed = { account_id: '4711', account_name: 'Closed', account_type: 'income', is_active: false };
    const bridge = await started(onTestFinished, { organization: { accounts: [...accounts, closed] } });
    expect((await refusal(bridge.connect({ purchaseAccountId: '4711' }))).problems).toMatchObject([{ field: 'settings.purchaseAccountId', detail: 'the account "Closed" is inactive' }]);
    const idOf = (type: string) => bridge.zoho.state().accounts.find((account) => account['account_type'] === type)?.['account_id'];
    expect((await refusal(bridge.connect({ purchaseAccountId: '404' }))).problems).toMatchObject([{ field: 'settings.purchaseAccountId', detail: 'Books has no account 404' }]);
    const receivable = await refusal(bridge.connect({ purchaseAccountId: idOf('accounts_receivable') }));
    expect(receivable.problems).toMatchObject([{
      field: 'settings.purchaseAccountId', detail: 'the account "Clients" is of the type "accounts_receivable", and exported parts need a sales account', remedy: expect.stringContaining('type Income'),
    }]);
    const remarks: string[] = [];
    await bridge.connect({ purchaseAccountId: idOf('income') }, {}, { remark: (text) => remarks.push(text) });
    expect(remarks).toEqual([]);
  });

  it('the custom fields must refuse duplicates, on contacts and invoices, and on items where parts are exported', async ({ onTestFinished }) => {
    const notUnique = [{ api_name: 'cf_bookbridge_id', label: 'Bookbridge ID' }];
    const unique = [{ api_name: 'cf_bookbridge_id', label: 'Bookbridge ID', is_unique: true }];
    const bridge = await started(onTestFinished, { organization: { custom_fields: { contacts: notUnique, items: [], invoices: unique } } });
    const error = await refusal(bridge.connect());
    expect(error.problems).toMatchObject([{ field: 'Books contacts', detail: 'there is no custom field cf_bookbridge_id that refuses duplicates', remedy: expect.stringContaining('does not allow duplicate values') }]);
    const account = bridge.zoho.state().accounts.find((one) => one['account_type'] === 'income');
    expect(fieldsOf((await refusal(bridge.connect({ purchaseAccountId: account?.['account_id'] }))).problems)).toEqual(['Books contacts', 'Books items']);
  });

  it('another time zone than ours is remarked, another name of the same one is not', async ({ onTestFinished }) => {
    const bridge = await started(onTestFinished);
    const remarks: string[] = [];
    await bridge.connect({ timeZone: 'Europe/Brussels' }, {}, { remark: (text) => remarks.push(text) });
    expect(remarks).toEqual([]);
    await bridge.connect({ timeZone: 'America/Toronto' }, {}, { remark: (text) => remarks.push(text) });
    expect(remarks).toEqual([expect.stringContaining('settings.timeZone: days and dates follow America/Toronto, but Books keeps Europe/Paris')]);
  });
});

describe('in Hector', () => {
  it('the stockroom must have loaners activated', async ({ onTestFinished }) => {
    const data = await withHector(({ stockrooms }) => ({ stockrooms: stockrooms.map((stockroom) => ({ ...stockroom, loanersActivated: false })) }));
    expect((await refusal((await started(onTestFinished, { data })).connect())).detail).toMatch(/^settings\.stockroomId: the stockroom ".*" has no loaners activated$/);
  });

  it('its loaners must have a customer, unless users are the customers', async ({ onTestFinished }) => {
    const data = await withHector(({ stockrooms }) => ({ stockrooms: stockrooms.map((stockroom) => ({ ...stockroom, resourceField: null })) }));
    const bridge = await started(onTestFinished, { data });
    expect(await refusal(bridge.connect())).toMatchObject({ problems: [{ field: 'settings.stockroomId', remedy: expect.stringContaining('choose Customer') }] });
    await expect(bridge.connect({ useHectorCustomers: false })).resolves.toBeUndefined();
  });

  it('a status in which the loan is not over is remarked', async ({ onTestFinished }) => {
    const bridge = await started(onTestFinished);
    const out = bridge.dataSet.hector.statuses.find(({ state }) => state === 'in_progress');
    const remarks: string[] = [];
    await bridge.connect({ completedStatusIds: [out?.id] }, {}, { remark: (text) => remarks.push(text) });
    expect(remarks).toEqual([expect.stringContaining('is in progress in Hector')]);
  });

  it('kinds and states that only some editions have are read like any others', async ({ onTestFinished }) => {
    const bridge = await started(onTestFinished);
    const { categoryId, stockroomId, statusId } = chosenOf(bridge);
    await force(bridge, 'categories', categoryId, { kind: 'consumables' });
    await force(bridge, 'stockrooms', stockroomId, { resourceField: 'project' });
    await force(bridge, 'statuses', statusId, { state: 'finished' });
    const settings = { completedStatusIds: [statusId] };
    expect((await refusal(bridge.connect(settings))).problems).toMatchObject([{ field: 'settings.stockroomId', detail: expect.stringMatching(/have no customer$/) }]);
    const remarks: string[] = [];
    await bridge.connect({ ...settings, useHectorCustomers: false }, {}, { remark: (text) => remarks.push(text) });
    expect(remarks).toEqual([]);
  });

  it('what is there and cannot be read is not said to be missing: its field is named', async ({ onTestFinished }) => {
    const bridge = await started(onTestFinished);
    const { categoryId, stockroomId, statusId } = chosenOf(bridge);
    await force(bridge, 'categories', categoryId, { name: 7 });
    await force(bridge, 'stockrooms', stockroomId, { loanersActivated: 'yes' });
    await force(bridge, 'statuses', statusId, { label: null });
    const { code, problems } = await refusal(bridge.connect({ completedStatusIds: [statusId] }));
    expect(code).toBe('record-unreadable');
    expect(problems.map(({ field, detail }) => `${field}: ${detail}`)).toEqual([
      expect.stringMatching(`^settings\\.categoryId: ${categoryId} is there and cannot be read: name: `),
      expect.stringMatching(`^settings\\.stockroomId: ${stockroomId} is there and cannot be read: loanersActivated: `),
      expect.stringMatching(`^settings\\.completedStatusIds\\.0: ${statusId} is there and cannot be read: label: `),
    ]);
  });

  it.for(['customers', 'parts', 'places', 'loaners'])('a missing right to read %s is named', async (resource, { onTestFinished }) => {
    const bridge = await started(onTestFinished);
    const { categories, stockrooms, statuses } = bridge.dataSet.hector;
    const listings: Readonly<Record<string, readonly unknown[]>> = { categories, stockrooms, statuses };
    const limited = await startScriptedServer(({ path }) => {
      const name = path.split('/').at(-1) ?? '';
      return name === resource ? { status: 403, body: { error: { code: 'forbidden', message: 'Not allowed.' } } } : { body: { data: listings[name] ?? [], next: null } };
    });
    onTestFinished(() => limited.close());
    expect(await refusal(bridge.connect({}, { hector: { baseUrl: limited.url, token: 'limited' } }))).toMatchObject({ code: 'permission-missing', problems: [{ field: 'hector.token', detail: 'Not allowed' }] });
  });

  it('a token that is not accepted is one problem, and what is wrong in Books is told beside it', async ({ onTestFinished }) => {
    const bridge = await started(onTestFinished);
    const { code, problems } = await refusal(bridge.connect({ penaltyItemId: '999' }, { hector: { baseUrl: bridge.hector.url, token: 'nobody' } }));
    expect(code).toBe('settings-invalid');
    expect(problems).toMatchObject([{ field: 'settings.penaltyItemId' }, { field: 'hector', code: 'authorization-revoked' }]);
  });

  it('an address that is no Hector is one problem', async ({ onTestFinished }) => {
    const bridge = await started(onTestFinished);
    expect(await refusal(bridge.connect({}, { hector: { baseUrl: bridge.zoho.url, token: 'x' } }))).toMatchObject({ problems: [{ field: 'hector', remedy: expect.stringContaining('address') }] });
  });

  it('an address where nobody answers is one problem', async ({ onTestFinished }) => {
    const bridge = await started(onTestFinished);
    expect(await refusal(bridge.connect({}, { hector: { baseUrl: 'http://127.0.0.1:9', token: 'x' } }))).toMatchObject({ code: 'system-unreachable', problems: [{ field: 'hector' }] });
  });
});

it('at a limit of a minute, connecting waits, and provokes no refusal', async ({ onTestFinished }) => {
  const minute = { calls: 3, windowMs: 1_500 };
  const bridge = await started(onTestFinished, { limits: { minute, block: null, concurrent: null } });
  const remarks: string[] = [];
  await bridge.connect({}, { limits: { minute } }, { remark: (text) => remarks.push(text) });
  expect(remarks).toContainEqual(expect.stringMatching(/^No call is allowed before .*; waiting …$/));
  expect(bridge.zoho.summary().limited).toBe(0);
  expect(await bridge.bookbridge.store.integrations.list()).toHaveLength(1);
});

it('at a limit of a day, connecting says when it can be tried again', async ({ onTestFinished }) => {
  const bridge = await started(onTestFinished);
  bridge.zoho.faults.add({ route: 'GET /books/v3/contacts', kind: 'limit-day' });
  expect(await refusal(bridge.connect())).toMatchObject({ code: 'limit-day', resumeAtMs: expect.any(Number) });
});
