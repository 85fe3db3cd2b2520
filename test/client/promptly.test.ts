import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { afterEach, describe, expect, it } from 'vitest';
import { promptly } from '../../client/promptly.ts';
import { temporalEnvironment } from '../support/temporal-environment.ts';
import { startTemporalProxy } from '../support/temporal-proxy.ts';

/** Several looks at whether Temporal is there, and longer than any may take. */
const LONG_MS = 7_000;

describe('what Temporal does at once', () => {
  let connection: Connection | undefined;
  afterEach(() => connection?.close());

  async function reach() {
    const { address, namespace } = temporalEnvironment();
    const proxy = await startTemporalProxy(address);
    connection = await Connection.connect({ address: proxy.address });
    const temporal = new Client({ connection, namespace });
    const ask = () => temporal.workflowService.describeNamespace({ namespace });
    return { proxy, temporal, ask };
  }

  it('may take long while Temporal is there', async () => {
    const { proxy, temporal, ask } = await reach();
    await expect(promptly({ temporal }, async () => {
      await ask();
      await delay(LONG_MS);
      return ask();
    })).resolves.toMatchObject({ namespaceInfo: { name: temporal.options.namespace } });
    await proxy.takeAway();
  });

  it('is given up soon where Temporal goes away meanwhile', async () => {
    const { proxy, temporal, ask } = await reach();
    let asked = 0;
    await expect(promptly({ temporal }, async () => {
      for (;;) {
        await ask();
        asked++;
        if (asked === 2) await proxy.takeAway();
      }
    })).rejects.toThrow('Temporal does not answer.');
    expect(asked).toBe(2);
  });

  it('says what it was refused with', async () => {
    const { proxy, temporal } = await reach();
    await expect(promptly({ temporal }, () => temporal.workflowService.describeNamespace({ namespace: 'nobody' }))).rejects.toThrow('nobody');
    await proxy.takeAway();
  });
});
