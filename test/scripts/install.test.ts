import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/** What stands in for npm: it notes its arguments and then does what the test says. */
const workingNpm = `
  mkdir -p node_modules/.bin node_modules/node/bin
  cp package-lock.json node_modules/.package-lock.json
  ln -sf "$TEST_NODE" node_modules/node/bin/node
  ln -sf ../node/bin/node node_modules/.bin/node`;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bookbridge-install-'));
  mkdirSync(join(root, 'scripts'));
  mkdirSync(join(root, 'bin'));
  copyFileSync(join(import.meta.dirname, '../../scripts/install.mjs'), join(root, 'scripts', 'install.mjs'));
  writeLock({ 'node_modules/zod': { version: '4.0.0' }, 'node_modules/other-platform': { version: '1.0.0', optional: true } });
  npmDoes(workingNpm);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function writeLock(packages: object): void {
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...packages } }));
}

function npmDoes(commands: string): void {
  const file = join(root, 'bin', 'npm');
  writeFileSync(file, `#!/bin/sh\necho "$1" >> npm-calls\n${commands}\n`);
  chmodSync(file, 0o755);
}

function npmCalls(): string[] {
  const file = join(root, 'npm-calls');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

function install(): Promise<{ code: number; output: string }> {
  const env = { ...process.env, PATH: [join(root, 'bin'), '/usr/bin', '/bin', dirname(process.execPath)].join(delimiter), TEST_NODE: process.execPath };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [join(root, 'scripts', 'install.mjs')], { env }, (_error, stdout, stderr) => {
      resolve({ code: child.exitCode ?? -1, output: stdout + stderr });
    });
  });
}

describe('before npm start and npm test', () => {
  it('packages are installed once', async () => {
    expect(await install()).toMatchObject({ code: 0 });
    expect(await install()).toEqual({ code: 0, output: '' });
    expect(npmCalls()).toEqual(['ci']);
  });

  it('packages are installed again when the lock file asks for others', async () => {
    await install();
    writeLock({ 'node_modules/zod': { version: '4.0.1' } });
    expect(await install()).toMatchObject({ code: 0 });
    expect(npmCalls()).toEqual(['ci', 'ci']);
  });

  it('what was installed by hand is left as it is when it fits', async () => {
    await install();
    writeLock({ 'node_modules/zod': { version: '4.0.0' } });
    expect(await install()).toEqual({ code: 0, output: '' });
    expect(npmCalls()).toEqual(['ci']);
  });

  it('an installation that was interrupted is repeated', async () => {
    npmDoes('mkdir -p node_modules; echo stopped >&2; exit 130');
    expect(await install()).toMatchObject({ code: 1 });
    npmDoes(workingNpm);
    expect(await install()).toMatchObject({ code: 0 });
    expect(npmCalls()).toEqual(['ci', 'ci']);
  });

  it('two at once install once, and both find everything', async () => {
    npmDoes(`sleep 1; ${workingNpm}`);
    const both = await Promise.all([install(), install()]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(npmCalls()).toEqual(['ci']);
  });

  it('a lock that a dead process left behind is taken over', async () => {
    const dead = execFile(process.execPath, ['--version']);
    await new Promise((resolve) => dead.on('close', resolve));
    mkdirSync(join(root, '.bookbridge', 'install-lock'), { recursive: true });
    writeFileSync(join(root, '.bookbridge', 'install-lock', 'owner'), String(dead.pid));
    expect(await install()).toMatchObject({ code: 0 });
    expect(existsSync(join(root, '.bookbridge', 'install-lock'))).toBe(false);
  });

  it('a lock file that lacks binaries of this platform is completed without being changed', async () => {
    npmDoes(`if [ "$1" = ci ]; then echo "npm error code EUSAGE" >&2; exit 1; fi; ${workingNpm}`);
    expect(await install()).toMatchObject({ code: 0 });
    expect(npmCalls()).toEqual(['ci', 'install']);
  });

  it('Node is fetched when npm was told to run no install scripts', async () => {
    npmDoes(`${workingNpm}\nrm node_modules/node/bin/node\necho 'require("fs").symlinkSync(process.execPath, "bin/node")' > node_modules/node/installArchSpecificPackage.js`);
    expect(await install()).toMatchObject({ code: 0 });
    expect(existsSync(join(root, 'node_modules', '.bin', 'node'))).toBe(true);
  });

  it('a failure of npm is shown with what to do about it', async () => {
    npmDoes('echo "npm error code ECONNREFUSED" >&2; exit 1');
    const { code, output } = await install();
    expect(code).toBe(1);
    expect(output).toContain('ECONNREFUSED');
    expect(output).toContain('The package registry cannot be reached');
  });
});
