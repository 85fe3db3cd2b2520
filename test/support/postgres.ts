import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { freePort } from '../../scripts/free-port.ts';
import { createProcesses } from '../../scripts/processes.ts';

const run = promisify(execFile);
const asRoot = process.getuid?.() === 0;
/** PostgreSQL refuses root; of this user nothing but the temporary folder is asked. */
const unprivileged = { user: 'nobody', id: 65_534 };
const superuser = 'bookbridge';

/** A PostgreSQL server of this test alone. */
export interface PostgresServer {
  readonly dataFolder: string;
  /** Writes everything it still has in memory to its files. */
  readonly flush: () => Promise<void>;
  /** @returns URL of a new, empty database */
  readonly createDatabase: () => Promise<string>;
  readonly dropDatabase: (url: string) => Promise<void>;
  /** Breaks every connection to a database, as a restart of the server does. */
  readonly breakConnections: (url: string) => Promise<void>;
  stop(): Promise<void>;
}

/**
 * Finds the programs of PostgreSQL: on the PATH or where Debian puts them. As root they are installed where that is asked
 * for (BOOKBRIDGE_INSTALL_POSTGRES=1) and in CI.
 *
 * @returns the folder, or null with the reason
 */
export async function findPostgres(): Promise<{ folder: string | null; reason: string }> {
  const found = await findFolder();
  if (found !== null) return { folder: found, reason: '' };
  const mayInstall = asRoot && [process.env['CI'], process.env['BOOKBRIDGE_INSTALL_POSTGRES']].some((value) => value !== undefined && value !== '');
  if (!mayInstall) return { folder: null, reason: 'there is no PostgreSQL on this machine (initdb and postgres on the PATH); as root, BOOKBRIDGE_INSTALL_POSTGRES=1 installs it' };
  try {
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'postgresql'], { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  } catch (error) {
    return { folder: null, reason: `PostgreSQL could not be installed: ${error instanceof Error ? error.message : String(error)}` };
  }
  const installed = await findFolder();
  return { folder: installed, reason: 'PostgreSQL was installed, but not where it is looked for' };
}

async function findFolder(): Promise<string | null> {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? await readdir(debian) : [];
  const newestFirst = versions.toSorted((left, right) => Number(right) - Number(left)).map((version) => join(debian, version, 'bin'));
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...newestFirst];
  return folders.find((folder) => ['initdb', 'postgres'].every((program) => existsSync(join(folder, program)))) ?? null;
}

/**
 * Starts a cluster of its own in a temporary folder. It ends with this process, however that ends.
 *
 * @param programs where `initdb` and `postgres` are
 */
export async function startPostgres(programs: string): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'bookbridge-postgres-'));
  const dataFolder = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  const password = randomBytes(12).toString('hex');
  await mkdir(dataFolder, { mode: 0o700 });
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (asRoot) await Promise.all([folder, dataFolder, passwordFile].map((path) => chown(path, unprivileged.id, unprivileged.id)));
  const processes = createProcesses(folder, (error) => console.error(error.message));
  try {
    await run(join(programs, 'initdb'), [
      '-D', dataFolder, '-U', superuser, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync',
    ], { cwd: folder, ...(asRoot && { uid: unprivileged.id, gid: unprivileged.id }) });
    const port = await freePort();
    const asOther = asRoot ? ['setpriv', `--reuid=${unprivileged.id}`, `--regid=${unprivileged.id}`, '--clear-groups'] : [];
    const [program = 'postgres', ...args] = [
      ...asOther, join(programs, 'postgres'), '-D', dataFolder, '-p', String(port),
      // The data is thrown away: nothing waits for the disk.
      ...settings({ listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off', max_connections: '100' }),
    ];
    await processes.start({
      name: 'postgres', command: [program, ...args],
      ready: (output) => (output.includes('ready to accept connections') ? true : undefined),
    });
    const urlOf = (database: string) => `postgres://${superuser}:${password}@127.0.0.1:${port}/${database}`;
    return {
      dataFolder,
      flush: () => execute(urlOf('postgres'), 'checkpoint'),
      async createDatabase() {
        const name = `test_${randomBytes(6).toString('hex')}`;
        await execute(urlOf('postgres'), `create database ${name}`);
        return urlOf(name);
      },
      dropDatabase: (url) => execute(urlOf('postgres'), `drop database ${nameOf(url)} with (force)`),
      breakConnections: (url) => execute(urlOf('postgres'), `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${nameOf(url)}'`),
      async stop() {
        await processes.stopAll();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await processes.stopAll();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function settings(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

function nameOf(url: string): string {
  return new URL(url).pathname.slice(1);
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
