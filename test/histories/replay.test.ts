import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { bundleWorkflowCode, DefaultLogger, makeTelemetryFilterString, Runtime, Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import { workflowBundle } from '../../worker/bundle.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** Recorded by scripts/record-histories.ts, in a folder for each version. */
const recorded = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'))
  .map((file) => ({ workflowId: file.replace('.json', ''), history: historyFromJSON(JSON.parse(readFileSync(join(folder, file), 'utf8'))) }));

type Recorded = (typeof recorded)[number];

/** Why each history cannot be replayed; undefined where it can. */
async function replay(workflowBundle: WorkflowBundleOption, histories: readonly Recorded[]): Promise<Map<string, Error | undefined>> {
  const results = new Map<string, Error | undefined>();
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle }, histories)) results.set(workflowId, error);
  return results;
}

describe('the history of a workflow that is under way', () => {
  // What cannot be replayed is told by the results.
  beforeAll(() => Runtime.install({
    logger: new DefaultLogger('ERROR', () => undefined),
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }), forward: {} } },
  }));

  it('is continued by the workflows as they are now, whatever version began it', async () => {
    const results = await replay({ codePath: await workflowBundle() }, recorded);
    // A failure here: what you changed needs `patched()`. Of a version nobody has yet, record the histories again.
    expect(Object.fromEntries(results)).toEqual(Object.fromEntries(recorded.map(({ workflowId }) => [workflowId, undefined])));
    expect(results.size).toBeGreaterThan(5);
  });

  it('cannot be continued by workflows that were changed carelessly, and that is noticed', async () => {
    const { code } = await bundleWorkflowCode({ workflowsPath: join(folder, 'changed-workflows.ts'), logger: new DefaultLogger('ERROR') });
    const results = await replay({ code }, recorded.filter(({ workflowId }) => workflowId.endsWith('/sync')));
    expect([...results.values()].map((error) => error?.name)).toEqual(['DeterminismViolationError']);
  });

  it.each(['initialImport', 'sync', 'scheduledSync', 'invoiceLoaner', 'syncRecord', 'reconcile', 'tellOfStop'])('is there for %s, with a pause where it can have one', (type) => {
    const events = recorded.filter(({ history }) => history.events?.[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name === type)
      .flatMap(({ history }) => history.events ?? []);
    const isPaused = events.some(({ timerStartedEventAttributes: timer }) => timer);
    expect(events).not.toEqual([]);
    expect(isPaused).toBe(['initialImport', 'invoiceLoaner', 'syncRecord', 'reconcile'].includes(type));
  });
});
