import { randomUUID } from 'node:crypto';
import { Client, Connection, type ConnectionLike } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureSearchAttributes } from '../../worker/search-attributes.ts';
import { searchAttributes } from '../../workflows/search-attributes.ts';
import { temporalEnvironment } from '../support/temporal-environment.ts';

/** In Temporal's protocol. */
const KEYWORD = 2;
const names = Object.values(searchAttributes).map(({ name }) => name);

describe('the search attributes', () => {
  let connection: Connection;
  let native: NativeConnection;
  beforeAll(async () => {
    const { address } = temporalEnvironment();
    [connection, native] = await Promise.all([Connection.connect({ address }), NativeConnection.connect({ address })]);
  });
  afterAll(() => Promise.all([connection.close(), native.close()]));

  async function freshNamespace(): Promise<string> {
    const namespace = `fresh-${randomUUID()}`;
    await new Client({ connection }).workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: { seconds: 86_400 as never } });
    return namespace;
  }

  it.each(['client', 'worker'])('are registered in a namespace that has none, by whichever comes first: a %s', async (first) => {
    const namespace = await freshNamespace();
    const services: ConnectionLike = first === 'client' ? connection : native;
    await Promise.all([ensureSearchAttributes(services, namespace), ensureSearchAttributes(connection, namespace)]);
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(names));
    await new Client({ connection, namespace }).workflow.start('any', { taskQueue: 'nobody', workflowId: 'any', typedSearchAttributes: [{ key: searchAttributes.module, value: 'items' }] });
  });

  it('are named where they cannot be registered, with what to do', async () => {
    const namespace = await freshNamespace();
    const others = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`Other${index}`, KEYWORD]));
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: others });
    await expect(ensureSearchAttributes(native, namespace)).rejects.toMatchObject({
      code: 'settings-invalid', problems: [{ field: 'TEMPORAL_NAMESPACE', detail: expect.stringContaining(`${namespace} lacks search attributes`), remedy: expect.stringContaining('BookbridgeIntegration (KEYWORD)') }],
    });
  });
});
