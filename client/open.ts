import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { readConfig, type Config } from '../domain/config.ts';
import { openStore, type Store } from '../store/store.ts';

/** What every command works with. */
export interface Bookbridge {
  readonly config: Config;
  readonly store: Store;
  readonly temporal: Client;
  close(): Promise<void>;
}

/**
 * @param env variables by name, as in `process.env`
 * @throws BookbridgeError `settings-invalid`; a connection error when Temporal does not answer
 */
export async function openBookbridge(env: Readonly<Record<string, string | undefined>>): Promise<Bookbridge> {
  const config = readConfig(env);
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const store = await openStore({ url: config.databaseUrl, key: config.key, now: Date.now });
  try {
    const connection = await Connection.connect({ connectTimeout: '10s', ...connectionOptions });
    const temporal = new Client({ connection, namespace });
    const close = async () => {
      await connection.close();
      await store.close();
    };
    return { config, store, temporal, close };
  } catch (error) {
    await store.close();
    throw error;
  }
}
