import type { TestContext } from 'vitest';
import { startBridge, type Bridge } from './bridge.ts';
import { generatedData } from './generated-data.ts';
import { unlimited } from './limits.ts';

/** One loaner, `gl-0`, with its invoice. */
export async function startWithOneLoaner(onTestFinished: TestContext['onTestFinished']): Promise<Bridge> {
  const bridge = await startBridge({ data: await generatedData({ customers: 1, loaners: 1 }) });
  onTestFinished(() => bridge.stop());
  await bridge.connect({}, unlimited);
  await bridge.startImport();
  await bridge.makeLoaners();
  await bridge.sync();
  return bridge;
}
