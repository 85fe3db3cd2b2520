import { systems } from '../domain/systems.ts';
import { integrationOf } from '../integrations/registry.ts';
import type { Integration } from '../store/types.ts';
import { usageError } from './command-error.ts';
import type { Local } from './open.ts';
import type { CommonOptions } from './program.ts';
import { expectOneOf } from './suggest.ts';

/**
 * The integration a command is about: the one that was named, or the only one.
 *
 * @throws CommandError where there is none, none of that name, or more than one to choose from
 */
export async function chooseIntegration({ store }: Local, { integration }: Pick<CommonOptions, 'integration'>): Promise<Integration> {
  const all = await store.integrations.list();
  const ids = all.map(({ id }) => id);
  if (all.length === 0) throw usageError('There is no integration yet.', `Connect one: bookbridge connect ${systems.join('|')} --settings FILE`);
  if (integration === undefined && all.length > 1) throw usageError(`There are several integrations: ${ids.join(', ')}.`, 'Name one with --integration.');
  const id = integration === undefined ? ids[0] : expectOneOf('integration', integration, ids);
  const chosen = all.find((candidate) => candidate.id === id);
  if (!chosen) throw new Error('an integration that was listed is gone');
  return chosen;
}

/** The modules of an integration, in the order in which they are synced. */
export function moduleNames({ kind }: Integration): string[] {
  return integrationOf(kind).modules.map(({ name }) => name);
}

/** @throws CommandError where the integration has no module of that name */
export function expectModule(integration: Integration, name: string | undefined): string | undefined {
  return name === undefined ? undefined : expectOneOf('module', name, moduleNames(integration));
}
