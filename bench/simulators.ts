import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import got from 'got';
import { z } from 'zod';
import { guard } from '../scripts/processes.ts';

/**
 * Calls per second of each simulator in a process of its own, ten at a time: with `got`, as the product calls, and with bare
 * `node:http`, which leaves more of the machine to the simulator; the last column does not depend on what else the machine does. A benchmark of the product measures the product only while
 * the product is slower than both. Run with `node bench/simulators.ts [calls]`.
 */

const calls = Number(process.argv[2] ?? 5000);
const concurrency = 10;

interface Request {
  readonly method: 'GET' | 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}
type Send = (request: Request) => Promise<number>;

interface Scenario {
  readonly name: string;
  readonly requestOf: (number: number) => Request;
}

async function startProcess(name: 'zoho' | 'hector'): Promise<{ url: string; stop: () => Promise<void> }> {
  const script = fileURLToPath(new URL('../scripts/simulator.ts', import.meta.url));
  const limits = name === 'zoho' ? { minute: null, day: null, concurrent: null, block: null } : { minute: null };
  // With a guard that ends it, should this process be killed.
  const child = spawn('sh', [guard, '20', process.execPath, script, name, '--limits', JSON.stringify(limits)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { url } = z.object({ url: z.url() }).parse(JSON.parse(line));
  const stop = async () => {
    child.stdin.end();
    await once(child, 'exit');
  };
  return { url, stop };
}

const byGot: Send = async ({ method, url, headers, body }) => {
  const response = await got(url, { method, headers, ...(body !== undefined && { body }), throwHttpErrors: false, retry: { limit: 0 } });
  return response.statusCode;
};

const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
const byNode: Send = ({ method, url, headers, body }) =>
  new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode ?? 0));
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });

/** Processor time of the simulator so far. */
async function cpuMs(url: string): Promise<number> {
  return z.object({ cpuMs: z.number() }).parse(await got(`${url}/_simulator/process`).json()).cpuMs;
}

/** Makes the calls and gives how many were answered in a second. */
async function measure(send: Send, { name, requestOf }: Scenario, from: number): Promise<number> {
  let next = from;
  const startMs = performance.now();
  await Promise.all(Array.from({ length: concurrency }, async () => {
    while (next < from + calls) {
      next += 1;
      const status = await send(requestOf(next));
      if (status >= 400) throw new Error(`${name} answered ${status}`);
    }
  }));
  return Math.round((calls / (performance.now() - startMs)) * 1000);
}

async function zohoScenarios(url: string): Promise<Scenario[]> {
  const { accessToken } = await got.post(`${url}/_simulator/tokens`).json<{ accessToken: string }>();
  const organizations = await got(`${url}/_simulator/state`).json<{ organizations: Record<string, unknown> }>();
  const organizationId = Object.keys(organizations.organizations)[0] ?? '';
  const headers = { authorization: `Zoho-oauthtoken ${accessToken}`, 'content-type': 'application/json' };
  const at = (path: string) => `${url}/books/v3${path}organization_id=${organizationId}`;
  const upsert = (number: number): Request => ({
    method: 'PUT',
    url: at('/contacts?'),
    headers: { ...headers, 'x-unique-identifier-key': 'cf_bookbridge_id', 'x-unique-identifier-value': String(number), 'x-upsert': 'true' },
    body: JSON.stringify({ contact_name: `Customer ${number}`, custom_fields: [{ api_name: 'cf_bookbridge_id', value: String(number) }], billing_address: { city: 'Paris' } }),
  });
  return [
    { name: 'zoho: upsert of a contact', requestOf: upsert },
    { name: 'zoho: page of 10 contacts', requestOf: (number) => ({ method: 'GET', url: at(`/contacts?page=${(number % 50) + 1}&`), headers }) },
    { name: 'zoho: page of 200 contacts', requestOf: (number) => ({ method: 'GET', url: at(`/contacts?per_page=200&page=${(number % 10) + 1}&`), headers }) },
  ];
}

function hectorScenarios(url: string): Scenario[] {
  const headers = { authorization: 'Bearer hector-token' };
  return [{ name: 'hector: page of customers', requestOf: () => ({ method: 'GET', url: `${url}/api/v1/customers?limit=200`, headers }) }];
}

for (const name of ['zoho', 'hector'] as const) {
  const simulator = await startProcess(name);
  try {
    const scenarios = name === 'zoho' ? await zohoScenarios(simulator.url) : hectorScenarios(simulator.url);
    for (const scenario of scenarios) {
      await measure(byNode, scenario, 0);
      const withGot = await measure(byGot, scenario, calls);
      const beforeMs = await cpuMs(simulator.url);
      const withNode = await measure(byNode, scenario, 2 * calls);
      const alone = Math.round(calls / (((await cpuMs(simulator.url)) - beforeMs) / 1000));
      const columns = [[withGot, 'calls/s with got'], [withNode, 'with node:http'], [alone, 'per second of the simulator\'s processor time']] as const;
      process.stdout.write(`${scenario.name.padEnd(28)}${columns.map(([count, what]) => `${String(count).padStart(7)} ${what}`).join('')}\n`);
    }
  } finally {
    await simulator.stop();
  }
}
agent.destroy();
