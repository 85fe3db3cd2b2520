import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { readConfig, type Config } from '../domain/config.ts';
import { BookbridgeError } from '../domain/errors.ts';
import { oneLine } from '../domain/text.ts';
import { openStore, type Store } from '../store/store.ts';
import { DatabaseUnavailable } from '../store/unavailable.ts';
import { CommandError, exitCodes, usageError } from './command-error.ts';
import { tryingAgain } from './promptly.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a command works with that asks only what is stored. */
export interface Local {
  readonly config: Config;
  readonly store: Store;
  close(): Promise<void>;
}

/** What every other command works with. */
export interface Bookbridge extends Local {
  readonly temporal: Client;
}

interface OpenOptions {
  /** Whether a database that is not there is made. */
  readonly create?: boolean;
}

/**
 * @param env variables by name, as in `process.env`
 * @throws BookbridgeError `settings-invalid`; CommandError when the database cannot be opened
 */
export async function openLocal(env: Environment, { create = true }: OpenOptions = {}): Promise<Local> {
  const config = readConfig(env);
  const file = fileOf(config.databaseUrl);
  if (!create && file !== undefined && !existsSync(file)) {
    throw usageError(`There is no database at ${file}.`, 'Set DATABASE_URL to the one that "bookbridge connect" made, or connect first.');
  }
  try {
    const store = await openStore({ url: config.databaseUrl, key: config.key, now: Date.now });
    return { config, store, close: () => store.close() };
  } catch (error) {
    if (error instanceof BookbridgeError) throw error;
    throw new CommandError(`The database ${withoutPassword(config.databaseUrl)} cannot be opened: ${reasonOfAddress(config.databaseUrl) ?? reasonOf(error)}`, {
      exit: exitCodes.unreachable, remedy: 'Check DATABASE_URL, and that the database runs and may be written to.', cause: error,
    });
  }
}

/** A password may hold any letter, and the options of the driver may name one too. */
function withoutPassword(url: string): string {
  return url.startsWith('sqlite:') ? url : url.replace(/\/\/.*@/s, '//').replace(/\?.*/s, '');
}

/** What is wrong with the address itself, of which the database says too little, or too much. */
function reasonOfAddress(url: string): string | null {
  const file = fileOf(url);
  if (file === undefined) {
    // What follows such a letter is taken for the host, and would be named.
    const isHostKnown = url.startsWith('sqlite:') || (URL.canParse(url) && withoutPassword(url).includes(new URL(url).hostname));
    return isHostKnown ? null : 'it is no address; in a password @ is written %40, / is written %2F and # is written %23';
  }
  if (!existsSync(dirname(file))) return `there is no folder ${dirname(file)}`;
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() ? 'it is a folder' : null;
}

/** Undefined: it is in no file. */
function fileOf(url: string): string | undefined {
  return /^sqlite:(?!:)(.+)$/.exec(url)?.[1];
}

function reasonOf(error: unknown): string {
  if (error instanceof DatabaseUnavailable) return error.reason;
  return error instanceof Error ? error.message : String(error);
}

/**
 * @param env variables by name, as in `process.env`
 * @throws those of {@link openLocal}, and CommandError when Temporal does not answer
 */
export async function openBookbridge(env: Environment, options: OpenOptions = {}): Promise<Bookbridge> {
  const local = await openLocal(env, options);
  try {
    const { temporal, connection } = await connectTemporal();
    const close = async () => {
      await connection.close();
      await local.close();
    };
    return { ...local, temporal, close };
  } catch (error) {
    await local.close();
    throw error;
  }
}

/** Temporal's own variables say where it is. */
async function connectTemporal(): Promise<{ temporal: Client; connection: Connection }> {
  const { connectionOptions, namespace = 'default' } = readTemporalConfig();
  try {
    const connection = await Connection.connect({ ...connectionOptions, interceptors: [tryingAgain] });
    return { connection, temporal: new Client({ connection, namespace }) };
  } catch (error) {
    throw new CommandError(`Temporal does not answer at ${connectionOptions.address ?? 'localhost:7233'}.`, {
      exit: exitCodes.unreachable, remedy: 'Start it, or set TEMPORAL_ADDRESS to where it is.', cause: error,
    });
  }
}

function readTemporalConfig(): ReturnType<typeof loadClientConnectConfig> {
  try {
    return loadClientConnectConfig();
  } catch (error) {
    const reason = oneLine(error instanceof Error ? error.message : String(error));
    throw usageError(`Temporal's configuration cannot be read: ${reason}`, 'Correct the file at TEMPORAL_CONFIG_FILE, or the TEMPORAL_ variables.');
  }
}
