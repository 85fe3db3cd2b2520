/** The worker process: hosts workflows and activities until it is told to stop. */
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { readConfig } from '../domain/config.ts';
import { openStore } from '../store/store.ts';
import { workflowBundle } from './bundle.ts';
import { createWorker } from './worker.ts';

Runtime.install({ logger: new DefaultLogger('WARN') });

const config = readConfig(process.env);
const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const bundlePath = await workflowBundle();
const store = await openStore({ url: config.databaseUrl, key: config.key, now: Date.now });
const connection = await NativeConnection.connect(connectionOptions);
try {
  const worker = await createWorker({ connection, namespace, config, bundlePath, store, now: Date.now });
  const ended = worker.run();
  console.log(JSON.stringify({ worker: config.taskQueue, namespace }));
  await ended;
} finally {
  await connection.close();
  await store.close();
}
