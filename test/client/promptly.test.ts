import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { exitCodes } from '../../client/command-error.ts';
import { openBookbridge } from '../../client/open.ts';
import { problemOf } from '../../client/problem.ts';
import { promptly } from '../../client/promptly.ts';
import { temporalEnvironment } from '../support/temporal-environment.ts';
import { startTemporalProxy } from '../support/temporal-proxy.ts';

/** Longer than Temporal is tried for where it is away. */
const LONG_MS = 7_000;

describe('what Temporal does at once', () => {
  async function reach() {
    const { address, namespace } = temporalEnvironment();
    const proxy = await startTemporalProxy(address);
    vi.stubEnv('TEMPORAL_ADDRESS', proxy.address);
    vi.stubEnv('TEMPORAL_NAMESPACE', namespace);
    const bookbridge = await openBookbridge({ DATABASE_URL: 'sqlite::memory:', BOOKBRIDGE_KEY: randomBytes(32).toString('base64') });
    onTestFinished(async () => {
      await bookbridge.close();
      await proxy.takeAway();
      vi.unstubAllEnvs();
    });
    return { proxy, namespace, bookbridge, ask: (name = namespace) => bookbridge.temporal.workflowService.describeNamespace({ namespace: name }) };
  }

  it('may take long while Temporal is there', async () => {
    const { namespace, bookbridge, ask } = await reach();
    await expect(promptly(bookbridge, async () => {
      await ask();
      await delay(LONG_MS);
      return ask();
    })).resolves.toMatchObject({ namespaceInfo: { name: namespace } });
  });

  it('is given up where Temporal goes away meanwhile, and nothing is tried any more', async () => {
    const { proxy, bookbridge, ask } = await reach();
    let asked = 0;
    const failed = await promptly(bookbridge, async () => {
      for (;;) {
        await ask();
        asked += 1;
        if (asked === 2) await proxy.takeAway();
      }
    }).catch(problemOf);
    expect({ asked, failed }).toMatchObject({ asked: 2, failed: { exit: exitCodes.unreachable, message: expect.stringMatching(/^Temporal refused or did not answer: ./) as string } });
  });

  it('says what it was refused with', async () => {
    const { bookbridge, ask } = await reach();
    await expect(promptly(bookbridge, () => ask('nobody'))).rejects.toThrow('nobody');
  });
});
