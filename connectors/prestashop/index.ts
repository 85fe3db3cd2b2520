import type { Connector, Resource } from '../resource.ts';
import { createPrestaShopCall, type PrestaShopAccess } from './call.ts';
import { createDirectory } from './directory.ts';
import { createOrders, createRefunds, createSettings, createStatuses, createTaxes } from './resources.ts';

/**
 * Reads one shop of PrestaShop through its webservice (docs/apis/prestashop.md): orders (what changed since a time), refunds (by id), statuses, taxes
 * and settings (always whole). Nothing is ever written, so the key needs GET only.
 */
export function createPrestaShop(access: PrestaShopAccess): Connector {
  const call = createPrestaShopCall(access);
  const directory = createDirectory(call);
  const resources = new Map<string, Resource>([
    ['orders', createOrders(call, directory)],
    ['refunds', createRefunds(call, directory)],
    ['statuses', createStatuses(call, directory)],
    ['taxes', createTaxes(directory)],
    ['settings', createSettings(directory)],
  ]);
  return {
    system: 'prestashop',
    readable: (name) => {
      const resource = resources.get(name);
      if (resource === undefined) throw new Error(`PrestaShop has no resource "${name}" for this use.`);
      return resource;
    },
    writable: (name) => {
      throw new Error(`PrestaShop has no resource "${name}" for writing.`);
    },
  };
}
