export { expectedBooks, type ExpectedBooks, type ExpectedInvoice, type ExpectedLoaner } from './expect.ts';
export { loadDataSet } from './load.ts';
export { loadShopData, shopSettingsSchema } from './shop.ts';
export type { DataSet, HectorCustomer, PlannedLine, PlannedLoaner } from './types.ts';
