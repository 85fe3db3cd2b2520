/** Keeps the SDK's account of every worker's life out of the test output, and of the failures that tests provoke; warnings stay. */
import { DefaultLogger, Runtime } from '@temporalio/worker';

const provoked = new Set(['Activity failed', 'Workflow failed']);

Runtime.install({
  logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
    if (!provoked.has(message)) console.error(level, message, meta ?? '');
  }),
});
