import { z } from 'zod';
import { BookbridgeError, type Problem } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import { decimal, usualDigits } from '../../domain/money.ts';
import type { Known } from '../integration.ts';
import type { ComparingRequirement, ReadRequirement, Requirement } from '../requirement.ts';
import { mayRead, notFound, organization, quoted, uniqueField, warning, wrong } from '../requirements.ts';
import { readOrderOrNull } from './course.ts';
import { readShopSettings, type ShopSettings } from './settings.ts';
import { matchTax, taxKey } from './taxes.ts';

/**
 * What must be so in Books and in the shop before the two are connected.
 *
 * @throws BookbridgeError `settings-invalid` naming every wrong field
 */
export function shopRequirements(input: JsonObject): Requirement[] {
  const settings = readShopSettings(input);
  const documents = ['invoices', ...(settings.refunds === 'credit-note' ? ['creditnotes'] : [])];
  return [
    organization(settings),
    ...['contacts', ...documents].map((resource) => mayRead('books', resource, 'Zoho account')),
    ...['contacts', ...documents].map(uniqueField),
    chosenTaxes(settings), { ...mayRead('books', 'currencies', 'Zoho account'), read: 'all' },
    { ...mayRead('other', 'settings', 'shop'), read: 'all' }, paidStatuses(settings), mayRead('other', 'orders', 'shop'),
    shopCurrency(), shopTaxes(settings),
  ];
}

function chosenTaxes({ taxes }: ShopSettings): ReadRequirement {
  return {
    field: 'settings.taxes', side: 'books', resource: 'taxes', read: 'all',
    judge: (listed) => Object.entries(taxes).flatMap(([key, id]) => {
      const field = `settings.taxes.${key}`;
      const found = listed.records.find((record) => record.id === id);
      if (!found) return [notFound(listed, field, { id, missing: 'Books has no tax', label: 'tax_name', remedy: 'Enter the id of one of them, or leave the rate out to have it matched by its percentage.' })];
      return found.data['is_inactive'] === true ? [wrong(field, `the tax ${quoted(found, 'tax_name')} is inactive`, 'Mark it as active in Books, or enter another one.')] : [];
    }),
  };
}

const statusSchema = z.object({ name: z.string(), isPaid: z.boolean() });

/** Which are read even where none is named: without, nobody knows what is paid. */
function paidStatuses({ paidStatuses: chosen }: ShopSettings): ReadRequirement {
  return {
    field: 'settings.paidStatuses', side: 'other', resource: 'statuses', read: 'all',
    judge: (listed) => (chosen ?? []).flatMap((statusId, index) => {
      const field = `settings.paidStatuses.${index}`;
      const found = listed.records.find(({ id }) => id === statusId);
      if (!found) return [notFound(listed, field, { id: statusId, missing: 'the shop has no status', label: 'name', remedy: 'Enter the id of a status in which an order is paid.' })];
      const { name, isPaid } = statusSchema.parse(found.data);
      return isPaid ? [] : [warning(field, `the shop does not count the status "${name}" as paid, so orders that are not would become invoices`, 'Enter a status in which an order is paid unless you are sure.')];
    }),
  };
}

function shopCurrency(): ComparingRequirement {
  const field = 'shop';
  return {
    field, read: 'compared', between: [{ side: 'other', resource: 'settings' }, { side: 'books', resource: 'currencies' }],
    judge: (shops, currencies) => shops.flatMap(({ data: { currency } }) => {
      const codes = currencies.flatMap(({ data }) => (typeof data['currency_code'] === 'string' ? [data['currency_code']] : []));
      if (typeof currency !== 'string' || codes.includes(currency)) return [];
      return [{
        field, code: 'currency-unknown' as const, detail: `it sells in ${currency}, and Books has only ${codes.join(', ') || 'no currency'}`,
        remedy: `Add ${currency} in Books (Settings, Currencies).`, severity: 'error' as const,
      }];
    }),
  };
}

/** The rates of the newest orders are tried, so that what fits no tax is known before an order fails by it. */
function shopTaxes(settings: ShopSettings): ComparingRequirement {
  const field = 'settings.taxes';
  return {
    field, read: 'compared', between: [{ side: 'other', resource: 'orders' }, { side: 'books', resource: 'taxes' }],
    judge: (orders, taxes) => {
      const known: Pick<Known, 'all'> = { all: () => taxes };
      const distinct = new Map(orders.map(({ data }) => readOrderOrNull(data)).flatMap((order) => (order?.lines ?? []).map((line) => [taxKey(line.taxes), {
        taxes: line.taxes, net: decimal(line.amount), tax: decimal(line.tax), rounding: decimal(10).pow(-usualDigits(order?.currency ?? '')),
      }])));
      return [...distinct.values()].flatMap((taxed) => warningOf(field, () => void matchTax(taxed, known, settings)));
    },
  };
}

function warningOf(field: string, match: () => void): Problem[] {
  try {
    match();
    return [];
  } catch (error) {
    if (!(error instanceof BookbridgeError)) throw error;
    const remedy = error.code === 'tax-ambiguous' ? 'Choose one of them in the setting taxes; orders with this rate wait until then.' : 'Create the tax in Books, or choose one in the setting taxes; orders with this rate wait until then.';
    return [{ ...warning(field, error.detail, remedy), code: error.code }];
  }
}
