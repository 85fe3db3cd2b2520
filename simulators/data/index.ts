export { expectedBooks, type ExpectedBooks, type ExpectedInvoice, type ExpectedLoaner } from './expect.ts';
export { loadDataSet } from './load.ts';
export { calculationTypes, type CalculationType, type DataSet, type HectorCustomer, type PlannedLine, type PlannedLoaner } from './types.ts';
