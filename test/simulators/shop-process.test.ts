import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { wooCommerceKeys } from '../../simulators/shop/woocommerce.ts';

const script = fileURLToPath(new URL('../../scripts/simulator.ts', import.meta.url));

let child: ChildProcess | undefined;
afterEach(() => child?.kill('SIGKILL'));

async function start(...options: string[]): Promise<{ simulator: string; url: string }> {
  const started = spawn(process.execPath, [script, ...options], { stdio: ['ignore', 'pipe', 'ignore'] });
  child = started;
  const [line] = (await once(createInterface(started.stdout), 'line')) as [string];
  return JSON.parse(line) as { simulator: string; url: string };
}

async function orders(url: string, query: string) {
  const authorization = `Basic ${Buffer.from(`${wooCommerceKeys.consumerKey}:${wooCommerceKeys.consumerSecret}`).toString('base64')}`;
  const response = await fetch(`${url}/wp-json/wc/v3/orders?${query}`, { headers: { authorization } });
  return { total: response.headers.get('x-wp-total'), shown: (await response.json()) as { prices_include_tax: boolean; currency: string }[] };
}

describe('a shop as a process', () => {
  it('has the orders that come along, and ends on SIGTERM', async () => {
    const { simulator, url } = await start('woocommerce');
    expect(simulator).toBe('woocommerce');
    expect(await orders(url, 'per_page=1')).toMatchObject({ total: '12', shown: [{ prices_include_tax: true, currency: 'EUR' }] });
    const ended = once(child as ChildProcess, 'exit');
    child?.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
  });

  it('has as many made-up orders as it is told, and reckons as it is told', async () => {
    const { url } = await start('woocommerce', '--orders', '300', '--shop', '{"pricesIncludeTax":false,"currency":"CHF"}');
    expect(await orders(url, 'per_page=1')).toMatchObject({ total: '300', shown: [{ prices_include_tax: false, currency: 'CHF' }] });
  });
});
