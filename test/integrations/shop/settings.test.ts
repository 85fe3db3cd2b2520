import { describe, expect, it } from 'vitest';
import { accessSchemaOf } from '../../../connectors/registry.ts';
import { integrationOf } from '../../../integrations/registry.ts';
import { refusalOf } from '../../support/refusal-of.ts';
import { contextWith } from './world.ts';

describe('the settings of a shop', () => {
  it.each([
    ['organizationId', 'Acme', 'must be the number shown under your name in Books'],
    ['email', 'Ann', 'must be an e-mail address'],
    ['automaticSending', 'yes', 'expected boolean'],
    ['paidStatuses', [], 'must name at least one status of the shop'],
    ['ordersFrom', 'January', 'must be a day such as 2026-01-01'],
    ['ordersFrom', undefined, 'must be a day'],
    ['taxes', { 1: '' }, 'must not be empty'],
    ['taxRounding', 'cent', '"line"|"document"'],
    ['refunds', 'delete', '"credit-note"|"void"|"report"'],
    ['discountsAs', 'coupons', '"lines"|"fields"'],
    ['timeZone', 'Paris', 'must be the name of a time zone such as America/Toronto'],
  ])('%s cannot be %j', (field, value, message) => {
    const refusal = refusalOf(() => contextWith({ [field]: value } as never));
    expect(refusal).toMatch(/^settings-invalid: /);
    expect(refusal).toContain(field);
    expect(refusal).toContain(message);
  });

  it('need the organization, a first day and a time zone, and have the rest chosen', () => {
    expect(contextWith().settings).toEqual({
      organizationId: '460000001', email: null, automaticSending: true, paidStatuses: null, ordersFrom: '2026-01-01', taxes: {}, taxRounding: 'line',
      refunds: 'credit-note', discountsAs: 'lines', timeZone: 'Europe/Paris',
    });
  });
});

describe.each(['woocommerce', 'prestashop'])('the integration of %s', (kind) => {
  const integration = integrationOf(kind);

  it('looks every 10 minutes unless told otherwise', () => {
    expect(integration.syncIntervalSeconds).toBe(600);
  });

  it('carries buyers before orders and orders before refunds', () => {
    expect(integration.modules.map(({ name, document }) => [name, document])).toEqual([['customers', null], ['orders', null], ['refunds', null]]);
  });

  it('has an example whose fields are all known, down to the access', () => {
    expect(integration.settingsSchema.safeParse(integration.example.settings).error).toBeUndefined();
    expect(accessSchemaOf(integration.otherSystem).safeParse(integration.example.access).error).toBeUndefined();
  });

  it('asks Books for credit notes only where there are to be some', () => {
    const { settings } = integration.example;
    expect(integration.scopes(settings)).toContain('ZohoBooks.creditnotes.ALL');
    expect(integration.scopes({ ...settings, refunds: 'void' })).not.toContain('ZohoBooks.creditnotes.ALL');
  });

  it.each([
    ['2026-07-01', 'Europe/Paris', '2026-06-30T22:00:00.000Z'],
    ['2026-01-01', 'America/Toronto', '2026-01-01T05:00:00.000Z'],
    ['2026-01-01', 'UTC', '2026-01-01T00:00:00.000Z'],
  ])('has orders listed from the beginning of %s on, by the clock of %s', (ordersFrom, timeZone, since) => {
    const [flow] = integration.modules.find(({ name }) => name === 'orders')?.flows ?? [];
    expect(flow?.since?.(contextWith({ ordersFrom, timeZone }))).toBe(since);
  });

  it.each([[true, false], [false, true]])('with automatic sending %j, carries nothing over unless asked: %j', (automaticSending, isOnCommand) => {
    const flows = integration.modules.flatMap(({ flows }) => flows);
    expect(flows.map(({ onRequest }) => onRequest?.applies(contextWith({ automaticSending })))).toEqual(flows.map(() => isOnCommand));
  });
});
