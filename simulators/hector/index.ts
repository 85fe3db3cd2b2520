import type { DataSet } from '../data/index.ts';
import { header, type Call, type Reply } from '../kit/call.ts';
import type { ServiceFaultKind } from '../kit/faults.ts';
import { createMinuteLimit, type MinuteLimit } from '../kit/minute-limit.ts';
import type { Service } from '../kit/service.ts';
import { startSimulator, type Simulator } from '../kit/simulator.ts';
import { createRoutes, errorReply } from './api.ts';
import { createControl, readState } from './control.ts';
import { createPlan } from './loaners.ts';
import { createWebhooks, defaultRetryMs, type Webhooks } from './webhooks.ts';
import { createWorld } from './world.ts';

export interface HectorOptions {
  readonly dataSet: DataSet;
  /** 0 (the default) takes a free port. */
  readonly port?: number;
  readonly limits?: MinuteLimit;
  /** The API token that may do everything. */
  readonly token?: string;
  /** An API token that may only read. */
  readonly readOnlyToken?: string;
  /** Waiting times between the attempts of a webhook delivery, milliseconds. */
  readonly webhookRetryMs?: readonly number[];
}

export const defaultToken = 'hector-token';
export const defaultReadOnlyToken = 'hector-token-read-only';

/**
 * Starts a Hector that follows docs/apis/hector.md, on 127.0.0.1.
 *
 * Besides the control routes of the kit: `POST /_simulator/loaners` {count?, again?} makes planned loaners,
 * `POST /_simulator/loaners/{id}/complete` {returnedAt?} completes one, `POST /_simulator/records` {resource, id, fields} lays
 * fields over a record against all rules.
 */
export async function startHectorSimulator(options: HectorOptions): Promise<Simulator> {
  const webhooks = createWebhooks(options.webhookRetryMs ?? defaultRetryMs);
  const simulator = await startSimulator(() => createService(options, webhooks), { port: options.port ?? 0 });
  return {
    ...simulator,
    close: () => {
      webhooks.close();
      return simulator.close();
    },
  };
}

function createService({ dataSet, ...options }: HectorOptions, webhooks: Webhooks): Service {
  const world = createWorld(dataSet, webhooks.emit);
  const plan = createPlan(dataSet, world);
  const limit = createMinuteLimit(options.limits, tooMany);
  return {
    routes: createRoutes(world, webhooks),
    unknownRoute: (call) => errorReply(404, 'not_found', `There is nothing at ${call.method} ${call.path}.`),
    faultReply,
    admit: (call) => authorize(call, options) ?? limit.admit(),
    state: (query) => readState(query, world, plan, webhooks),
    limits: limit.limits,
    control: createControl(world, plan, dataSet),
  };
}

function authorize(call: Call, { token = defaultToken, readOnlyToken = defaultReadOnlyToken }: Omit<HectorOptions, 'dataSet'>): Reply | null {
  const given = header(call, 'authorization');
  if (given === `Bearer ${token}`) return null;
  if (given !== `Bearer ${readOnlyToken}`) return unauthorized();
  return call.method === 'GET' ? null : errorReply(403, 'forbidden', 'This API token may only read.');
}

function unauthorized(): Reply {
  return errorReply(401, 'unauthorized', 'The API token is missing, unknown or withdrawn.');
}

function tooMany(waitMs: number): Reply {
  const reply = errorReply(429, 'too_many_requests', 'Too many calls.');
  return { ...reply, headers: { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1000))) } };
}

function faultReply(kind: ServiceFaultKind): Reply {
  if (kind === 'error-before') return errorReply(500, 'internal', 'Something went wrong.');
  if (kind === 'unauthorized') return unauthorized();
  return tooMany(1000);
}
