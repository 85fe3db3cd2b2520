import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { findTemporal } from '../../scripts/temporal-cli.ts';

const version = 'temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)';

/**
 * A machine without a Temporal server, on which none can be downloaded.
 *
 * @param build what `go install` does, in the language of the shell
 */
function machine(build: string) {
  const folder = mkdtempSync(join(tmpdir(), 'bookbridge-cli-'));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });
  const [programs, cacheFolder, calls] = [join(folder, 'bin'), join(folder, 'cache'), join(folder, 'calls')];
  mkdirSync(programs);
  const scripts = { temporal: 'exit 1', go: `[ "$1" = version ] && exit 0\necho "$1" >> ${calls}\n${build}` };
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(programs, name), 0o755);
  }
  vi.stubEnv('PATH', [programs, process.env['PATH']].join(delimiter));
  for (const name of ['https_proxy', 'HTTPS_PROXY']) vi.stubEnv(name, 'http://127.0.0.1:1');
  for (const name of ['no_proxy', 'NO_PROXY']) vi.stubEnv(name, '');
  return { cacheFolder, builds: () => readFileSync(calls, 'utf8').trim().split('\n').length };
}

const made = `printf '#!/bin/sh\\necho "${version}"\\n' > "$GOBIN/temporal" && chmod 755 "$GOBIN/temporal"`;

describe('where there is no Temporal server', { timeout: 120_000 }, () => {
  it('one is built, again where a module did not come the first time', async () => {
    const { cacheFolder, builds } = machine(`[ -e "$0.tried" ] || { touch "$0.tried"; echo "reading a module: 502 Bad Gateway" >&2; exit 1; }\n${made}`);
    const lines: string[] = [];
    const found = await findTemporal({ cacheFolder, log: (line) => { lines.push(line); } });
    expect(found).toEqual({ command: join(cacheFolder, 'temporal-1.5.1'), source: 'go', version });
    expect(builds()).toBe(2);
    expect(lines).toContainEqual(expect.stringContaining('502 Bad Gateway'));
    expect(readdirSync(cacheFolder)).toEqual(['temporal-1.5.1']);
    expect(await findTemporal({ cacheFolder })).toMatchObject({ source: 'cache' });
  });

  it('what to do is said after a few attempts', async () => {
    const { cacheFolder, builds } = machine('exit 1');
    await expect(findTemporal({ cacheFolder })).rejects.toThrow('set TEMPORAL_ADDRESS to a server that runs');
    expect(builds()).toBe(3);
    expect(readdirSync(cacheFolder)).toEqual([]);
  });
});
