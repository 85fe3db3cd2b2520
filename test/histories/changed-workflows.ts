/** Workflows of a version that somebody changed without a thought for those under way. */
import { sleep } from '@temporalio/workflow';
import { sync as unchanged } from '../../workflows/index.ts';
import type { RunInput, RunResult } from '../../workflows/messages.ts';

export * from '../../workflows/index.ts';

export async function sync(input: RunInput): Promise<RunResult> {
  await sleep('1 second');
  return unchanged(input);
}
