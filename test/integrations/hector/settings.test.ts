import { describe, expect, it } from 'vitest';
import { hector } from '../../../integrations/hector/index.ts';
import { settingsSchema } from '../../../integrations/hector/settings.ts';
import { refusalOf } from '../../support/refusal-of.ts';
import { contextWith } from './world.ts';

describe('the settings', () => {
  it.each([
    ['organizationId', 'Acme', 'must be the number shown under your name in Books'],
    ['organizationId', '', 'must be the number'],
    ['useHectorCustomers', 'yes', 'expected boolean'],
    ['calculationTypeParts', 'By year', 'Per transaction'],
    ['calculationTypePlaces', null, 'Per transaction'],
    ['categoryId', '  ', 'must not be empty'],
    ['stockroomId', '', 'must not be empty'],
    ['completedStatusIds', [], 'must name at least one status of Hector'],
    ['penaltyItemId', 7, 'expected string'],
    ['billedPeriod', 'both', 'expected one of "actual"|"planned"'],
    ['unitRounding', 'half', 'expected one of "up"|"down"|"nearest"'],
    ['email', 'Ann', 'must be an e-mail address'],
    ['purchaseAccountId', 7, 'expected string'],
    ['timeZone', 'Montreal', 'must be the name of a time zone such as America/Toronto'],
    ['timeZone', '', 'must be the name of a time zone'],
  ])('%s cannot be %j', (field, value, message) => {
    const refusal = refusalOf(() => contextWith({ [field]: value }));
    expect(refusal).toMatch(/^settings-invalid: /);
    expect(refusal).toContain(`${field}: `);
    expect(refusal).toContain(message);
  });

  it('are all named at once where several are wrong', () => {
    expect(refusalOf(() => hector.readContext({ timeZone: 'Mars' }, { currencyCode: 'CAD', digits: 2 }, 'hector'))).toMatch(
      /organizationId: .*; useHectorCustomers: .*; calculationTypeParts: .*; calculationTypePlaces: .*; categoryId: .*; stockroomId: .*; completedStatusIds: .*; timeZone: /,
    );
  });

  it('need no Penalty Item: empty and missing mean none', () => {
    expect(contextWith({ penaltyItemId: '' }).settings).toMatchObject({ penaltyItemId: null });
    expect(contextWith({ penaltyItemId: null }).settings).toMatchObject({ penaltyItemId: null });
    const { penaltyItemId: _, ...without } = settingsSchema.parse(contextWith().settings);
    expect(settingsSchema.parse(without).penaltyItemId).toBeNull();
  });

  it('bill what happened, and begun units, unless told otherwise', () => {
    expect(contextWith().settings).toMatchObject({ billedPeriod: 'actual', unitRounding: 'up' });
  });

  it('need no Email: empty and missing mean that nobody is told', () => {
    expect(contextWith({ email: 'ann@example.com' }).notifyEmail).toBe('ann@example.com');
    expect(contextWith({ email: '' }).notifyEmail).toBeNull();
    expect(contextWith().notifyEmail).toBeNull();
  });

  it('name a field that nobody knows, because it is a misspelt one', () => {
    const misspelt = settingsSchema.safeParse({ ...contextWith().settings, penaltyItemID: '46' });
    expect(misspelt.error?.issues.map(({ message }) => message)).toEqual(['Unrecognized key: "penaltyItemID"']);
  });

  it('may hold a field from a later version once they are stored', () => {
    expect(contextWith({ leewayMinutes: 15 }).settings).toEqual(contextWith().settings);
  });

  it('know the facts of the organization, or say which is missing', () => {
    expect(contextWith({}, { currencyCode: 'JPY', digits: 0 }).organization).toEqual({ currencyCode: 'JPY', digits: 0 });
    expect(refusalOf(() => contextWith({}, { digits: -1 }))).toMatch(/^settings-invalid: organization: digits: /);
  });
});

describe('the integration', () => {
  it('has its modules in the order in which they need each other', () => {
    expect(hector.modules.map(({ name, document }) => [name, document])).toEqual([['customers', null], ['items', null], ['loaners', { workflow: 'invoiceLoaner', makes: 'invoice' }]]);
  });

  it('makes the attribute of the calculation type with its five choices before anything is imported', () => {
    expect(hector.prerequisites(contextWith())).toEqual([{
      side: 'other', resource: 'attributes', key: 'calculation_type',
      fields: { name: 'Calculation type', choices: ['Per transaction', 'By hour', 'By day', 'By week', 'By month'] },
    }]);
  });

  it.each([[true, 'customers'], [false, 'users']])('with "Use Hector customers" %j it reads %s', (useHectorCustomers, resource) => {
    const [customers] = hector.modules;
    expect(customers?.flows.map((flow) => flow.resources(contextWith({ useHectorCustomers })))).toEqual([[resource]]);
  });
});
