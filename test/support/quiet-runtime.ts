/** Keeps the SDK's account of every worker's life out of the test output; warnings stay. */
import { DefaultLogger, Runtime } from '@temporalio/worker';

Runtime.install({ logger: new DefaultLogger('WARN') });
