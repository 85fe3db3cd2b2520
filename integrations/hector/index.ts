import type { Integration } from '../integration.ts';
import { hectorRequirements } from './activation.ts';
import { customers } from './customers.ts';
import { CALCULATION_TYPE, items } from './items.ts';
import { loaners } from './loaners.ts';
import { calculationTypes, readHectorContext, scopesOf, settingsSchema } from './settings.ts';
import { example } from './example.ts';

/** Hector, asset loans: customers to Books, items back as parts and places, one invoice per completed loaner. */
export const hector: Integration = {
  kind: 'hector',
  otherSystem: 'hector',
  settingsSchema,
  example,
  syncIntervalSeconds: 60,
  scopes: scopesOf,
  modules: [customers, items, loaners],
  readContext: readHectorContext,
  requirements: hectorRequirements,
  prerequisites: () => [
    {
      side: 'other', resource: 'attributes', key: CALCULATION_TYPE,
      fields: { name: 'Calculation type', choices: [...calculationTypes] },
    },
  ],
};
