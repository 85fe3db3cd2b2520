/** What the worker process does: it hosts workflows and activities until it is told to stop. */
import { Client } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { readConfig } from '../domain/config.ts';
import { openStore } from '../store/store.ts';
import { workflowBundle } from './bundle.ts';
import { startWebhookListener, type WebhookListener } from './webhooks.ts';
import { createWorker } from './worker.ts';

// What Temporal's core says goes the same way: by itself it writes to the standard output, in colours even into a file.
Runtime.install({ logger: new DefaultLogger('WARN'), telemetryOptions: { logging: { forward: {} } } });

const config = readConfig(process.env);
const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
const bundlePath = await workflowBundle();
const store = await openStore({ url: config.databaseUrl, key: config.key, now: Date.now });
const connection = await NativeConnection.connect(connectionOptions);
const { taskQueue } = config;
let listener: WebhookListener | null = null;
try {
  listener = config.webhooks && await startWebhookListener({ ...config.webhooks, store, taskQueue, temporal: new Client({ connection, namespace }) });
  const worker = await createWorker({ connection, namespace, config, bundlePath, store, now: Date.now });
  const ended = worker.run();
  console.log(JSON.stringify({ worker: taskQueue, namespace, ...(listener && { webhooks: listener.url }) }));
  await ended;
} finally {
  await listener?.close();
  await connection.close();
  await store.close();
}
