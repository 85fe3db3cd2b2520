import { expect, it, vi } from 'vitest';
import type { RunRequest } from '../../activities/runs.ts';
import { byRoute, callsDuring } from '../support/calls.ts';
import { integrationId, startWorkbench } from './workbench.ts';

const choices = ['Each', 'By day'];

vi.mock('../../integrations/registry.ts', async () => {
  const { invented } = await import('./invented.ts');
  return { integrationOf: () => ({ ...invented, prerequisites: () => [{ side: 'other', resource: 'attributes', key: 'way', fields: { name: 'Way', choices } }] }) };
});

const request: RunRequest = { integrationId, runId: 'r-1', kind: 'initialImport' };

/** The attribute that is there, and by what calls it came to be so. */
async function prepared({ hector, inHector, does, step }: Awaited<ReturnType<typeof startWorkbench>>) {
  const calls = byRoute(await callsDuring(hector, async () => expect(await step(does().prepare, request)).toEqual({ pause: null })));
  const attributes = (await inHector('GET', '/attributes'))['data'] as { id: string; key: string }[];
  return { calls, attribute: attributes.find(({ key }) => key === 'way') };
}

it('what the modules rely on is made where it is missing', async () => {
  const { calls, attribute } = await prepared(await startWorkbench());
  expect(attribute).toMatchObject({ name: 'Way', choices });
  expect(calls).toEqual({ 'POST /api/v1/attributes': 1 });
});

it('what a person made of it stays: its name, and what was added to its lists', async () => {
  const bench = await startWorkbench();
  const { attribute } = await prepared(bench);
  const theirs = { name: 'Façon', choices: ['By moon', 'By day', 'Each'] };
  await bench.inHector('PATCH', `/attributes/${attribute?.id}`, theirs);
  expect((await prepared(bench)).attribute).toEqual({ ...attribute, ...theirs });
});

it('what its lists lack is added behind what is there, and once', async () => {
  const bench = await startWorkbench();
  const { attribute } = await prepared(bench);
  await bench.inHector('PATCH', `/attributes/${attribute?.id}`, { name: 'Façon', choices: ['By moon', 'By day'] });
  for (let times = 0; times < 2; times += 1) {
    expect((await prepared(bench)).attribute).toEqual({ ...attribute, name: 'Façon', choices: ['By moon', 'By day', 'Each'] });
  }
});
