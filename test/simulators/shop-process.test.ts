import { describe, expect, it } from 'vitest';
import { wooCommerceKeys } from '../../simulators/shop/woocommerce.ts';
import { startSimulator } from '../support/simulator-process.ts';

async function orders(url: string, query: string) {
  const authorization = `Basic ${Buffer.from(`${wooCommerceKeys.consumerKey}:${wooCommerceKeys.consumerSecret}`).toString('base64')}`;
  const response = await fetch(`${url}/wp-json/wc/v3/orders?${query}`, { headers: { authorization } });
  return { total: response.headers.get('x-wp-total'), shown: (await response.json()) as { prices_include_tax: boolean; currency: string }[] };
}

describe('a shop as a process', () => {
  it('has the orders that come along, and ends on SIGTERM', async () => {
    const { simulator, url, end } = await startSimulator('woocommerce');
    expect(simulator).toBe('woocommerce');
    expect(await orders(url, 'per_page=1')).toMatchObject({ total: '12', shown: [{ prices_include_tax: true, currency: 'EUR' }] });
    expect(await end()).toEqual([0, null]);
  });

  it('has as many made-up orders as it is told, and reckons as it is told', async () => {
    const { url } = await startSimulator('woocommerce', '--orders', '300', '--shop', '{"pricesIncludeTax":false,"currency":"CHF"}');
    expect(await orders(url, 'per_page=1')).toMatchObject({ total: '300', shown: [{ prices_include_tax: false, currency: 'CHF' }] });
  });
});
