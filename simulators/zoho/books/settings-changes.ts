import { z } from 'zod';
import { jsonBody } from '../../kit/call.ts';
import { textOf } from './fields.ts';
import { amount, read, text } from './input.ts';
import { invalidValue } from './refusal.ts';
import { done, type BooksRoute } from './route.ts';
import { folded } from './table.ts';
import { taxesFrom } from './taxes.ts';

const taxInput = z.object({ tax_name: text(100), tax_percentage: amount });
const currencyInput = z.object({ currency_code: z.string().length(3), currency_symbol: text(20), price_precision: z.int().min(0).max(3).default(2) });

/** What a bookkeeper adds to the settings: Zoho Books API v3, Taxes ("Create a tax") and Currency ("Create a Currency"). */
export function settingsChangeRoutes(): BooksRoute[] {
  return [
    {
      method: 'POST',
      path: '/settings/taxes',
      handle: ({ organization, call }) => {
        const { tax_name: name, tax_percentage: percentage } = read(taxInput, jsonBody(call));
        if (organization.taxes.some((tax) => folded(textOf(tax, 'tax_name')) === folded(name))) throw invalidValue('tax_name');
        const [tax = {}] = taxesFrom([{ tax_name: name, tax_percentage: percentage?.toNumber() ?? 0 }], () => organization.nextId());
        organization.taxes.push(tax);
        return done({ tax }, 'The tax has been added.');
      },
    },
    {
      method: 'POST',
      path: '/settings/currencies',
      handle: ({ organization, call }) => {
        const given = read(currencyInput, jsonBody(call));
        if (organization.currencies.some((currency) => currency['currency_code'] === given.currency_code)) throw invalidValue('currency_code');
        const currency = {
          currency_id: organization.nextId(), currency_name: given.currency_code, currency_format: '1,234,567.89', is_base_currency: false,
          exchange_rate: 1, effective_date: organization.clock.date(Date.now()), ...given,
        };
        organization.currencies.push(currency);
        return done({ currency }, 'The currency has been created.');
      },
    },
  ];
}
