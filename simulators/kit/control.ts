import { z } from 'zod';
import { jsonBody, type Call, type Reply } from './call.ts';
import { faultSchema, type Faults } from './faults.ts';
import type { CallLog } from './log.ts';
import type { Service } from './service.ts';

/** Control routes lie under this path; they count as no call and meet no fault. */
export const controlPrefix = '/_simulator/';

interface Controlled {
  readonly service: Service;
  readonly faults: Faults;
  readonly log: CallLog;
}

/** Answers `state`, `log`, `summary`, `faults`, `limits` and `process` below {@link controlPrefix}. */
export async function control(call: Call, controlled: Controlled): Promise<Reply> {
  const what = `${call.method} ${call.path.slice(controlPrefix.length)}`;
  try {
    return await answer(what, call, controlled);
  } catch (error) {
    if (error instanceof z.ZodError) return { status: 400, json: { error: z.prettifyError(error) } };
    return { status: 400, json: { error: error instanceof Error ? error.message : String(error) } };
  }
}

async function answer(what: string, call: Call, { service, faults, log }: Controlled): Promise<Reply> {
  switch (what) {
    case 'GET state':
      return ok(await service.state(call.query));
    case 'GET log':
      return ok({ entries: log.after(Number(call.query.get('after') ?? 0)) });
    case 'DELETE log':
      log.clear();
      return ok({});
    case 'GET summary':
      return ok(log.summary());
    case 'GET process':
      return ok({ cpuMs: Object.values(process.cpuUsage()).reduce((sum, us) => sum + us, 0) / 1000, memoryBytes: process.memoryUsage.rss() });
    case 'GET faults':
      return ok({ faults: faults.list() });
    case 'POST faults': {
      const given = jsonBody(call);
      const added = z.array(faultSchema).parse(Array.isArray(given) ? given : [given]);
      return ok({ ids: added.map((fault) => faults.add(fault)), faults: faults.list() });
    }
    case 'DELETE faults': {
      const id = call.query.get('id');
      faults.remove(id === null ? undefined : Number(id));
      return ok({ faults: faults.list() });
    }
    case 'GET limits':
      return ok(service.limits.read(call.query));
    case 'POST limits':
      service.limits.change(jsonBody(call), call.query);
      return ok(service.limits.read(call.query));
    default: {
      const own = service.control?.[what];
      return own ? own(call) : { status: 404, json: { error: `no control route ${what}` } };
    }
  }
}

function ok(json: unknown): Reply {
  return { status: 200, json };
}
