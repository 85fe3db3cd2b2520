import { z } from 'zod';
import type { DataSet } from '../data/index.ts';
import { jsonBody, type Call, type Reply } from '../kit/call.ts';
import type { Service } from '../kit/service.ts';
import { guarded } from './api.ts';
import type { Plan } from './loaners.ts';
import { isResourceName, resourceNames } from './resources.ts';
import type { Webhooks } from './webhooks.ts';
import type { World } from './world.ts';

/** Everything there is; `?resource=parts` leaves the records of other resources out. */
export function readState(query: URLSearchParams, world: World, plan: Plan, webhooks: Webhooks): unknown {
  const asked = query.get('resource');
  const shown = resourceNames.filter((name) => asked === null || name === asked);
  return {
    counts: Object.fromEntries(resourceNames.map((name) => [name, world.collection(name).size])),
    ...Object.fromEntries(shown.map((name) => [name, world.collection(name).all()])),
    plannedLeft: plan.left,
    webhooks: webhooks.list(),
    deliveries: webhooks.deliveries(),
  };
}

const makeSchema = z.strictObject({ count: z.int().min(1).optional(), again: z.boolean().optional() });
const completeSchema = z.strictObject({ returnedAt: z.iso.datetime({ offset: true }).optional() });
const recordSchema = z.strictObject({ resource: z.string().refine(isResourceName), id: z.string().min(1), fields: z.record(z.string(), z.unknown()) });

/** The control routes Hector adds to those of the kit. */
export function createControl(world: World, plan: Plan, dataSet: DataSet): NonNullable<Service['control']> {
  const completed = dataSet.hector.statuses.find(({ state }) => state === 'completed')?.id;

  function complete(id: string, call: Call): Reply {
    const { returnedAt } = completeSchema.parse(jsonBody(call));
    const endedAt = returnedAt ?? world.collection('loaners').get(id)?.['returnedAt'] ?? new Date().toISOString();
    return { status: 200, json: world.change('loaners', id, { statusId: completed, returnedAt: endedAt }) };
  }

  // Control routes are looked up by their whole path, so each loaner adds its own.
  const routes: Record<string, (call: Call) => Reply> = {
    'POST loaners': (call) => {
      const made = plan.make(makeSchema.parse(jsonBody(call)));
      for (const { id } of made) routes[`POST loaners/${encodeURIComponent(id)}/complete`] = guarded((call) => complete(id, call));
      return { status: 200, json: { made: made.map(({ id, number, statusId }) => ({ id, number, completed: statusId === completed })), left: plan.left } };
    },
    'POST records': guarded((call) => {
      const { resource, id, fields } = recordSchema.parse(jsonBody(call));
      return { status: 200, json: world.force(resource, id, fields) };
    }),
  };
  return routes;
}
