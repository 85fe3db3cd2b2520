import type { Integration } from '../integration.ts';

const access = {
  woocommerce: { baseUrl: 'https://shop.example.com', consumerKey: 'ck_ and the rest of the key, with the right to read', consumerSecret: 'cs_ and the rest of the secret' },
  prestashop: { baseUrl: 'https://shop.example.com', key: 'XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX' },
} as const;

export type ShopSystem = keyof typeof access;

/** What a person fills in; docs/shop.md says where each value is found. */
export function exampleOf(system: ShopSystem): Integration['example'] {
  return {
    access: access[system],
    settings: {
      organizationId: '10234695',
      email: 'you@example.com',
      automaticSending: true,
      paidStatuses: null,
      ordersFrom: '2026-01-01',
      taxes: {},
      taxRounding: 'line',
      refunds: 'credit-note',
      discountsAs: 'lines',
      timeZone: 'Europe/Paris',
    },
  };
}
