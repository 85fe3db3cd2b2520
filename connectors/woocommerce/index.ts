import type { Connector, Resource } from '../resource.ts';
import { createWooCommerceCall, type WooCommerceAccess } from './call.ts';
import { createOrders, createRefunds } from './orders.ts';
import { createShopRates } from './rates.ts';
import { createSettings, createStatuses, createTaxes } from './small.ts';

/**
 * Reads one shop of WooCommerce through its REST API v3 (docs/apis/woocommerce.md): orders (what changed since a time), refunds (by id), statuses,
 * tax rates and settings (always whole). No order is ever written, so keys with the right to read are enough; webhooks need the right to write.
 */
export function createWooCommerce(access: WooCommerceAccess): Connector {
  const call = createWooCommerceCall(access);
  const shopRates = createShopRates(call);
  const resources = new Map<string, Resource>([
    ['orders', createOrders(call, shopRates)],
    ['refunds', createRefunds(call, shopRates)],
    ['statuses', createStatuses(call)],
    ['taxes', createTaxes(call)],
    ['settings', createSettings(call)],
  ]);
  return {
    system: 'woocommerce',
    readable: (name) => {
      const resource = resources.get(name);
      if (resource === undefined) throw new Error(`WooCommerce has no resource "${name}" for this use.`);
      return resource;
    },
    writable: (name) => {
      throw new Error(`WooCommerce has no resource "${name}" for writing.`);
    },
  };
}
