import { startScriptedServer, type ScriptedServer } from './scripted-server.ts';

type Row = Readonly<Record<string, unknown>>;

/** An order of PrestaShop as its webservice shows it: two bottles at 20 %, one book at 5.5 %, shipping at 20 %. */
export const orderRow: Row = {
  id: 7, reference: 'XKBKNABJK', current_state: '2', id_currency: '1', id_customer: '4', id_address_invoice: '9', id_carrier: '2', date_add: '2026-07-01 12:00:00', date_upd: '2026-07-02 08:30:00',
  invoice_date: '2026-07-01 12:05:00', total_discounts_tax_excl: '0.000000', total_discounts_tax_incl: '0.000000', total_paid_tax_excl: '45.000000', total_paid_tax_incl: '51.100000',
  total_shipping_tax_excl: '5.000000', total_shipping_tax_incl: '6.000000', carrier_tax_rate: '20.000', total_wrapping_tax_excl: '0.000000', total_wrapping_tax_incl: '0.000000',
};

export const bottles: Row = {
  id: 71, id_order: '7', product_id: '3', product_name: 'Gourde - Couleur : Bleu', product_reference: 'GRD-B', product_quantity: '2', total_price_tax_excl: '20.000000', total_price_tax_incl: '24.000000',
  ecotax: '0.000000', ecotax_tax_rate: '0.000', associations: { taxes: [{ id: '1' }] },
};

export const book: Row = {
  id: 72, id_order: '7', product_id: '5', product_name: 'Livre', product_reference: '', product_quantity: '1', total_price_tax_excl: '20.000000', total_price_tax_incl: '21.100000',
  ecotax: '0.000000', ecotax_tax_rate: '0.000', associations: { taxes: [{ id: '2' }] },
};

export const slipRow: Row = {
  id: 31, id_order: '7', id_customer: '4', amount: '10.000000', order_slip_type: '0', total_products_tax_excl: '10.000000', total_products_tax_incl: '12.000000', total_shipping_tax_excl: '0.000000',
  total_shipping_tax_incl: '0.000000', shipping_cost_amount: '0.000000', date_add: '2026-07-03 10:00:00', date_upd: '2026-07-03 10:00:00',
  associations: { order_slip_details: [{ id: '31', id_order_detail: '71', product_quantity: '1', amount_tax_excl: '10.000000', amount_tax_incl: '12.000000' }] },
};

const shop: Readonly<Record<string, readonly Row[]>> = {
  orders: [orderRow], order_details: [bottles, book], order_slip: [],
  addresses: [{ id: 9, firstname: 'Zoé', lastname: 'Lefèvre', company: '', address1: '12, rue de l’Échiquier', address2: '', postcode: '75010', city: 'Paris', phone: '', phone_mobile: '+33 1', id_country: '8', id_state: '0' }],
  customers: [{ id: 4, firstname: 'Zoé', lastname: 'Lefèvre', email: 'zoe@eclair.example', is_guest: '0', id_default_group: '3' }],
  configurations: [
    { id: 1, name: 'PS_TIMEZONE', value: 'Europe/Paris', id_shop: '', id_shop_group: '' }, { id: 2, name: 'PS_LANG_DEFAULT', value: '2', id_shop: null, id_shop_group: null },
    { id: 3, name: 'PS_OS_CANCELED', value: '6' }, { id: 4, name: 'PS_CURRENCY_DEFAULT', value: '1' }, { id: 5, name: 'PS_SHOP_NAME', value: 'Chez Zoé' },
    { id: 6, name: 'PS_TIMEZONE', value: 'Asia/Tokyo', id_shop: '2', id_shop_group: '1' },
  ],
  order_states: [{ id: 2, name: [{ id: '1', value: 'Payment accepted' }, { id: '2', value: 'Paiement accepté' }], paid: '1', deleted: '0' }],
  currencies: [{ id: 1, iso_code: 'EUR', precision: '2' }],
  taxes: [
    { id: 1, rate: '20.000', active: '1', deleted: '0', name: [{ id: '1', value: 'VAT FR 20%' }, { id: '2', value: 'TVA FR 20%' }] },
    { id: 2, rate: '5.500', active: '1', deleted: '0', name: [{ id: '1', value: 'VAT FR 5.5%' }, { id: '2', value: 'TVA FR 5.5%' }] },
  ],
  groups: [{ id: 3, price_display_method: '0' }], countries: [{ id: 8, iso_code: 'FR' }], carriers: [{ id: 2, name: 'Colissimo' }],
};

/** A shop whose tables a test lays out; filters are not looked at. */
export function startScriptedShop(tables: Readonly<Record<string, readonly Row[]>> = {}): Promise<ScriptedServer> {
  return startScriptedServer(({ path }) => {
    const name = path.split('/').at(-1) ?? '';
    const rows = tables[name] ?? shop[name] ?? [];
    return { body: rows.length === 0 ? [] : { [name === 'order_slip' ? 'order_slips' : name]: rows } };
  });
}
