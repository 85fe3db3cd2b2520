import type { StatusName } from './types.ts';

/** What PrestaShop keeps as rows of their own and a world of orders as text: each text gets an id when it is first met. */
export interface Names {
  id(name: string): string;
  all(): readonly { readonly id: string; readonly name: string }[];
}

export function createNames(first: readonly string[] = []): Names {
  const ids = new Map<string, string>();
  const id = (name: string) => {
    if (name === '') return '0';
    const known = ids.get(name) ?? String(ids.size + 1);
    ids.set(name, known);
    return known;
  };
  for (const name of first) id(name);
  return { id, all: () => [...ids].map(([name, id]) => ({ id, name })) };
}

interface State {
  readonly id: string;
  readonly name: string;
  readonly french: string;
  readonly flags: Readonly<Record<'invoice' | 'logable' | 'shipped' | 'paid' | 'deleted', '0' | '1'>>;
}

const off = { invoice: '0', logable: '0', shipped: '0', paid: '0', deleted: '0' } as const;
const paid = { ...off, invoice: '1', logable: '1', paid: '1' } as const;

/** As a new shop has them (install-dev/data/xml/order_state.xml), and one that was deleted. */
export const states: Readonly<Record<StatusName, State>> & Readonly<Record<'deleted', State>> = {
  'on-hold': { id: '1', name: 'Awaiting check payment', french: 'En attente du paiement par chèque', flags: off },
  processing: { id: '2', name: 'Payment accepted', french: 'Paiement accepté', flags: paid },
  completed: { id: '5', name: 'Delivered', french: 'Livré', flags: { ...paid, shipped: '1' } },
  cancelled: { id: '6', name: 'Canceled', french: 'Annulé', flags: off },
  refunded: { id: '7', name: 'Refunded', french: 'Remboursé', flags: { ...off, invoice: '1' } },
  failed: { id: '8', name: 'Payment error', french: 'Erreur de paiement', flags: off },
  pending: { id: '10', name: 'Awaiting bank wire payment', french: 'En attente de virement bancaire', flags: off },
  deleted: { id: '11', name: 'Awaiting PayPal payment', french: 'En attente du paiement par PayPal', flags: { ...off, deleted: '1' } },
};
