import type { Integration } from '../integration.ts';
import { shopRequirements } from './activation.ts';
import { customers } from './buyers.ts';
import { exampleOf, type ShopSystem } from './example.ts';
import { orders } from './orders.ts';
import { refunds } from './refunds.ts';
import { readShopContext, scopesOf, settingsSchema } from './settings.ts';

/**
 * A shop: paid orders become draft invoices of Books, and what is given back credit notes.
 *
 * @param system the software of the shop, as its connector is called
 */
export function shopIntegration(system: ShopSystem): Integration {
  return {
    kind: system,
    otherSystem: system,
    settingsSchema,
    example: exampleOf(system),
    // As the guide says ("Automatic synchronization of paid orders").
    syncIntervalSeconds: 600,
    scopes: scopesOf,
    modules: [customers, orders, refunds],
    readContext: readShopContext,
    requirements: shopRequirements,
    prerequisites: () => [],
  };
}
