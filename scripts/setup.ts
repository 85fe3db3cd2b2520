import type { DataSet } from '../simulators/data/index.ts';

interface SetupRequest {
  readonly id: string;
  readonly dataSet: DataSet;
  readonly hectorUrl: string;
  readonly hectorToken?: string;
  /** State of the simulated Books: the settings name the Penalty Item by its id, as a person reads it off the page. */
  readonly zohoState: { readonly items: readonly Record<string, unknown>[] };
  readonly settings?: Record<string, unknown>;
}

/** Client of the simulated Zoho and the callback it knows. */
const simulatedClient = { clientId: '1000.BOOKBRIDGE', clientSecret: 'bookbridge-secret', redirectUri: 'http://127.0.0.1:0/callback' };

/** The settings page, filled in for a data set as its user would. */
export function hectorSetup({ id, dataSet, hectorUrl, hectorToken = 'hector-token', zohoState, settings = {} }: SetupRequest): Record<string, unknown> {
  const { books, hector, settings: wanted } = dataSet;
  const penaltyItem = zohoState.items.find(({ name }) => name === wanted.penaltyItem);
  return {
    id, ...simulatedClient, domain: '.com',
    hector: { baseUrl: hectorUrl, token: hectorToken },
    settings: {
      organizationId: books.organization.id,
      useHectorCustomers: wanted.useHectorCustomers,
      penaltyItemId: penaltyItem?.['item_id'] ?? null,
      calculationTypeParts: wanted.calculationTypeParts,
      calculationTypePlaces: wanted.calculationTypePlaces,
      categoryId: wanted.categoryId,
      stockroomId: wanted.stockroomId,
      completedStatusIds: completedStatusIds(hector.statuses),
      timeZone: wanted.timeZone,
      ...settings,
    },
  };
}

interface ShopSetupRequest {
  readonly id: string;
  readonly organizationId: string;
  readonly shopUrl: string;
  readonly settings?: Record<string, unknown>;
}

/** The settings page of a simulated WooCommerce, filled in as its user would: all its orders are to be invoiced. */
export function shopSetup({ id, organizationId, shopUrl, settings = {} }: ShopSetupRequest): Record<string, unknown> {
  return {
    id, ...simulatedClient, domain: '.com',
    woocommerce: { baseUrl: shopUrl, consumerKey: 'ck_simulated', consumerSecret: 'cs_simulated' },
    settings: { organizationId, ordersFrom: '1990-01-01', timeZone: 'Europe/Paris', ...settings },
  };
}

/** By state, because labels can be renamed. */
function completedStatusIds(statuses: DataSet['hector']['statuses']): string[] {
  return statuses.filter(({ state }) => state === 'completed').map(({ id }) => id);
}
