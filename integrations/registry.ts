import { BookbridgeError } from '../domain/errors.ts';
import { hector } from './hector/index.ts';
import type { Integration } from './integration.ts';
import { shopIntegration } from './shop/index.ts';

const integrations: readonly Integration[] = [hector, shopIntegration('woocommerce'), shopIntegration('prestashop')];

/** The kinds there are, such as `hector`. */
export const integrationKinds: readonly string[] = integrations.map(({ kind }) => kind);

/** @throws BookbridgeError `settings-invalid` for a kind that does not exist */
export function integrationOf(kind: string): Integration {
  const found = integrations.find((integration) => integration.kind === kind);
  if (!found) throw new BookbridgeError('settings-invalid', { detail: `kind: there is no integration "${kind}", only ${integrations.map((known) => known.kind).join(', ')}` });
  return found;
}
