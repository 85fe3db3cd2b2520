import type { Integration } from '../integration.ts';

/** What a person fills in; docs/hector.md says where each value is found. */
export const example: Integration['example'] = {
  access: { baseUrl: 'https://your-company.hectorassetmanager.com', token: 'a token of Hector' },
  settings: {
    organizationId: '10234695',
    email: 'you@example.com',
    useHectorCustomers: true,
    penaltyItemId: null,
    purchaseAccountId: null,
    calculationTypeParts: 'By day',
    calculationTypePlaces: 'By hour',
    categoryId: '1',
    stockroomId: '1',
    completedStatusIds: ['3'],
    billedPeriod: 'actual',
    unitRounding: 'up',
    timeZone: 'America/Toronto',
  },
};
