import { Context } from '@temporalio/activity';
import { integrationOf } from '../integrations/registry.ts';
import type { Flow, Integration, IntegrationContext, Module } from '../integrations/integration.ts';
import type { Purpose } from '../store/quotas.ts';
import type { Integration as StoredIntegration, Side } from '../store/types.ts';
import { openConnectors, type Connectors } from './connectors.ts';
import type { Deps } from './deps.ts';
import { toFailure } from './failures.ts';

/** What one activity works with: the integration as stored, as defined, and its two systems. */
export interface Session {
  readonly stored: StoredIntegration;
  readonly integration: Integration;
  readonly context: IntegrationContext;
  readonly connectors: Connectors;
  /** Aborted: the step is to stop where it can; a call that is under way is left to end. */
  readonly signal: AbortSignal;
}

export interface StepRequest {
  readonly integrationId: string;
  readonly runId: string;
  readonly module: string;
}

/** A call that was cut off may still be carried out by the other system, so one that is under way gets this long to end. */
const CALL_GRACE_MS = 5_000;

/** Opens what an activity needs, and turns its errors into Temporal's. */
export async function withSession<T>(deps: Deps, integrationId: string, purpose: Purpose, work: (session: Session) => Promise<T>): Promise<T> {
  const signal = Context.current().cancellationSignal;
  try {
    return await work(await openSession(deps, integrationId, purpose, signal));
  } catch (error) {
    // A call that was broken off by the cancellation looks like a system that does not answer.
    throw signal.aborted ? signal.reason : toFailure(error);
  }
}

/** Opens what a step needs, in an activity or outside of Temporal. */
export async function openSession(deps: Deps, integrationId: string, purpose: Purpose, signal: AbortSignal): Promise<Session> {
  const stored = await deps.store.integrations.get(integrationId);
  const integration = integrationOf(stored.kind);
  const context = integration.readContext(stored.settings, stored.facts, stored.id);
  const connectors = await openConnectors(deps, { integration: stored, otherSystem: integration.otherSystem, purpose, signal: later(signal, CALL_GRACE_MS) });
  return { stored, integration, context, connectors, signal };
}

/** Aborts some time after another signal does. */
function later(signal: AbortSignal, afterMs: number): AbortSignal {
  const controller = new AbortController();
  signal.addEventListener('abort', () => { setTimeout(() => controller.abort(signal.reason), afterMs).unref(); }, { once: true });
  return controller.signal;
}

/** @throws Error where the integration has no module of that name */
export function moduleOf(integration: Integration, name: string): Module {
  const found = integration.modules.find((module) => module.name === name);
  if (!found) throw new Error(`The integration ${integration.kind} has no module ${name}`);
  return found;
}

/** The flow of a module that carries a record away from its side; undefined where there is none. */
export function flowOf({ integration, context }: Pick<Session, 'integration' | 'context'>, record: { readonly module: string; readonly side: Side; readonly resource: string }): Flow | undefined {
  return moduleOf(integration, record.module).flows.find((flow) => flow.side === record.side && flow.resources(context).includes(record.resource));
}
