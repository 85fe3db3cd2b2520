// Installs what is missing, and nothing when all is there. Runs before `npm start` and `npm test` with whatever Node
// the machine has (20 or later), so this file is plain JavaScript and uses no dependency.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync, mkdirSync, readFileSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync,
} from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const neededNodeMajor = 24;
/** Of what a registry does not deliver at once: a minute lies between the last ones. */
const fetchRetries = 5;
const lockPollMs = 500;
/** A lock without a living owner for this long was left behind by a process that was killed while taking it. */
const lockOwnerlessMs = 5_000;

/**
 * Brings node_modules in line with package-lock.json, and the Node in it into working order.
 *
 * @param {string} root the folder of package.json
 * @param {(line: string) => void} print receives progress, one line at a time
 * @throws Error with a remedy when npm fails
 */
async function install(root, print) {
  if (isInstalled(root)) return;
  await underLock(join(root, '.bookbridge', 'install-lock'), print, async () => {
    if (isInstalled(root)) return; // another process has just done it
    const wanted = lockHash(root);
    if (installedFits(root)) {
      writeStamp(root, wanted); // installed by hand with npm: only the stamp is missing
    } else {
      await installPackages(root, print);
      writeStamp(root, wanted);
    }
    await ensureNode(root, print);
  });
}

/**
 * True when the last installation belongs to today's package-lock.json and the Node in it runs. Costs two file reads.
 *
 * @param {string} root the folder of package.json
 */
function isInstalled(root) {
  return readIfThere(stampFile(root)) === lockHash(root) && nodeMajor(root) >= neededNodeMajor;
}

/**
 * True when every package that package-lock.json names is installed in its version. npm keeps its own record of what
 * it installed; packages for other platforms are the only ones that may be absent.
 *
 * @param {string} root the folder of package.json
 */
function installedFits(root) {
  const record = readIfThere(join(root, 'node_modules', '.package-lock.json'));
  if (record === undefined) return false;
  const installed = JSON.parse(record).packages;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = installed[path];
    return found === undefined ? entry.optional === true : found.version === entry.version;
  });
}

function stampFile(root) {
  return join(root, 'node_modules', '.bookbridge-lock-hash');
}

function writeStamp(root, hash) {
  writeFileSync(stampFile(root), hash);
}

function lockHash(root) {
  return createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

async function installPackages(root, print) {
  // While npm works, an interrupted installation must not look like a finished one.
  rmSync(stampFile(root), { force: true });
  const options = ['--loglevel=error', '--no-audit', '--no-fund', '--prefer-offline', `--fetch-retries=${fetchRetries}`, '--include=dev', '--include=optional', '--engine-strict=false'];
  const clean = await runNpm(root, ['ci', ...options], print, 'Installing packages');
  if (clean.code === 0) return;
  if (clean.output.includes('EUSAGE')) {
    // The registry that wrote the lock did not carry every platform's binaries, and npm ci refuses such a lock.
    // npm install keeps to all versions the lock does name.
    const lenient = await runNpm(root, ['install', '--no-save', ...options], print, 'Installing packages the lock file does not name for this platform');
    if (lenient.code === 0) return;
    throw npmError(lenient);
  }
  throw npmError(clean);
}

function npmError({ code, output }) {
  const offline = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ECONNRESET/.test(output);
  const full = /ENOSPC/.test(output);
  const denied = /EACCES|EPERM/.test(output);
  let remedy = 'Run "npm ci" in this folder to see it in full.';
  if (offline) remedy = 'The package registry cannot be reached: check the network, or the registry that "npm config get registry" shows.';
  if (full) remedy = 'The disk is full: free about 1 GB.';
  if (denied) remedy = 'This folder cannot be written to: run as its owner.';
  if (code === 'ENOENT') remedy = 'There is no npm on the PATH: install Node.js with npm.';
  return new Error(`npm could not install the packages (${code}).\n${output.trim()}\n${remedy}`);
}

/** Runs npm quietly with a line of progress every ten seconds; its output is kept for the case that it fails. */
function runNpm(root, args, print, what) {
  const started = Date.now();
  print(`${what} …`);
  const ticker = setInterval(() => print(`${what} … ${Math.round((Date.now() - started) / 1000)} s`), 10_000);
  const windows = process.platform === 'win32';
  const child = spawn(windows ? 'npm.cmd' : 'npm', args, {
    cwd: root, env: machineEnv(root), stdio: ['ignore', 'pipe', 'pipe'], shell: windows,
  });
  const parts = [];
  child.stdout.on('data', (part) => parts.push(part));
  child.stderr.on('data', (part) => parts.push(part));
  return new Promise((done) => {
    const finish = (code) => {
      clearInterval(ticker);
      if (code === 0) print(`${what} … done in ${Math.round((Date.now() - started) / 1000)} s`);
      done({ code, output: Buffer.concat(parts).toString() });
    };
    child.on('error', (error) => finish(error.code ?? String(error)));
    child.on('close', finish);
  });
}

/** The environment with the machine's own Node first: npm must not run on the Node it is about to replace. */
function machineEnv(root) {
  const own = resolve(root, 'node_modules', '.bin');
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => resolve(folder) !== own);
  return { ...process.env, PATH: path.join(delimiter) };
}

async function ensureNode(root, print) {
  if (nodeMajor(root) >= neededNodeMajor) return;
  // The package called "node" fetches the binary in a script of its own, which npm may have been told not to run.
  const folder = join(root, 'node_modules', 'node');
  print('Fetching Node …');
  const fetched = spawnSync(process.execPath, ['installArchSpecificPackage.js'], {
    cwd: folder, env: { ...machineEnv(root), npm_config_loglevel: 'error', npm_config_fetch_retries: String(fetchRetries) }, encoding: 'utf8',
  });
  linkNode(root);
  if (nodeMajor(root) >= neededNodeMajor) return;
  rmSync(stampFile(root), { force: true });
  throw new Error([
    `Node ${neededNodeMajor} could not be put into node_modules.`,
    `${fetched.stdout ?? ''}${fetched.stderr ?? ''}`.trim(),
    `Install Node ${neededNodeMajor} on this machine, or allow the install script of the package "node" and run "npm ci".`,
  ].join('\n'));
}

function linkNode(root) {
  if (process.platform === 'win32') return; // npm wrote a .cmd file that leads there
  const link = join(root, 'node_modules', '.bin', 'node');
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync(join('..', 'node', 'bin', 'node'), link);
}

/** The major version of node_modules/.bin/node, or 0 when it does not run. */
function nodeMajor(root) {
  const bin = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  if (!existsSync(bin)) return 0;
  // Under npm this very process usually runs on it; then nothing has to be started to find out.
  if (realpathSync(bin) === realpathSync(process.execPath)) return Number.parseInt(process.versions.node, 10);
  const answer = spawnSync(bin, ['--version'], { encoding: 'utf8', shell: process.platform === 'win32' });
  return answer.status === 0 ? Number.parseInt(answer.stdout.slice(1), 10) : 0;
}

/**
 * Runs `work` while no other process does so under the same lock. A lock whose owner no longer lives is taken over.
 *
 * @param {string} lock the folder that is the lock; its parent is created
 * @param {(line: string) => void} print told once when another process has to be waited for
 * @param {() => Promise<void>} work
 */
async function underLock(lock, print, work) {
  mkdirSync(dirname(lock), { recursive: true });
  let told = false;
  while (!takeLock(lock)) {
    if (!told) print('Waiting for another process that is installing here …');
    told = true;
    await new Promise((done) => setTimeout(done, lockPollMs));
  }
  const release = () => rmSync(lock, { recursive: true, force: true });
  process.once('exit', release);
  try {
    await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

function takeLock(lock) {
  try {
    mkdirSync(lock);
    writeFileSync(join(lock, 'owner'), String(process.pid));
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (isAbandoned(lock)) rmSync(lock, { recursive: true, force: true });
    return false;
  }
}

function isAbandoned(lock) {
  const owner = Number(readIfThere(join(lock, 'owner')));
  if (Number.isInteger(owner) && owner > 0) return !isAlive(owner);
  try {
    return Date.now() - statSync(lock).mtimeMs > lockOwnerlessMs;
  } catch {
    return false; // released meanwhile
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
  const major = Number.parseInt(process.versions.node, 10);
  if (major < 20) {
    console.error(`Node 20 or later is needed; this is ${process.versions.node}. Get it from https://nodejs.org.`);
    process.exit(1);
  }
  try {
    await install(root, (line) => console.log(line));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}
