import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Client } from '@temporalio/client';
import { announcerOf } from '../connectors/registry.ts';
import type { Announcement, Announcer } from '../connectors/webhooks.ts';
import { webhookCredentialName, webhookSchema } from '../domain/credentials.ts';
import { BookbridgeError } from '../domain/errors.ts';
import { integrationOf } from '../integrations/registry.ts';
import type { Store } from '../store/store.ts';
import type { Integration as StoredIntegration } from '../store/types.ts';
import type { syncRecord } from '../workflows/index.ts';
import { changedSignal, recordWorkflowId, type RecordInput } from '../workflows/messages.ts';
import { searchAttributes } from '../workflows/search-attributes.ts';

interface WebhookListenerRequest {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  readonly store: Store;
  readonly temporal: Client;
  readonly taskQueue: string;
}

export interface WebhookListener {
  readonly url: string;
  close(): Promise<void>;
}

/** Some systems deliver an id, others the whole record: an order of hundreds of lines. */
const BODY_MAX_BYTES = 1024 * 1024;
/** Of a body that is too long so much is read and thrown away, so that the sender gets to read why. */
const DRAINED_MAX_BYTES = 4 * BODY_MAX_BYTES;
/** Headers and body have to arrive within this time. */
const REQUEST_MAX_MS = 10_000;
const CONNECTIONS_MAX = 200;

/** What the sender is told, and nothing else: it says nothing about what exists here. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Listens for what other systems announce: `POST /webhooks/<integration>/<secret part>`. A delivery that is genuine starts a
 * workflow that reads the record itself, and is answered as soon as Temporal has it; what is in the delivery is never used.
 *
 * @throws BookbridgeError `settings-invalid` where the port cannot be had
 */
export async function startWebhookListener(request: WebhookListenerRequest): Promise<WebhookListener> {
  const server = createServer({ requestTimeout: REQUEST_MAX_MS, headersTimeout: REQUEST_MAX_MS }, (message, response) => {
    void answer(request, message, response);
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.listen(request.port, request.host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BookbridgeError('settings-invalid', { detail: `BOOKBRIDGE_WEBHOOK_PORT, BOOKBRIDGE_WEBHOOK_HOST: ${reason}`, cause });
  }
  const { port } = server.address() as AddressInfo;
  const host = request.host.includes(':') ? `[${request.host}]` : request.host;
  return {
    url: `http://${host}:${port}`,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeIdleConnections();
    }),
  };
}

async function answer(request: WebhookListenerRequest, message: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    reply(response, await receive(request, message), {});
  } catch (error) {
    if (message.destroyed && !message.complete) return;
    // Whatever else went wrong, the sender may try again: Temporal or the database does not answer.
    if (error instanceof Refusal) reply(response, error.status, { error: error.message });
    else reply(response, 503, { error: 'try again later' });
  }
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json', ...(status === 405 && { allow: 'POST' }), ...(status === 503 && { 'retry-after': '30' }) });
  response.end(status === 204 ? undefined : JSON.stringify(body));
}

async function receive({ store, temporal, taskQueue }: WebhookListenerRequest, message: IncomingMessage): Promise<number> {
  const [, integrationId, path] = /^\/webhooks\/([a-z][a-z0-9-]*)\/([\w-]{1,200})$/.exec(message.url ?? '') ?? [];
  const body = await readBody(message);
  if (integrationId === undefined || path === undefined) throw new Refusal(404, 'not found');
  if (message.method !== 'POST') throw new Refusal(405, 'use POST');
  const { stored, announcer, secret } = await findHook(store, integrationId, path);
  const header = (name: string) => {
    const value = message.headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  if (!announcer.isGenuine(secret, header, body)) throw new Refusal(401, 'wrong signature');
  const announced = read(announcer, body);
  const input = announced && inputOf(stored, announced);
  if (!input) return 204;
  await temporal.workflow.signalWithStart<typeof syncRecord>('syncRecord', {
    workflowId: recordWorkflowId(input), taskQueue, args: [input], signal: changedSignal.name, signalArgs: [],
    typedSearchAttributes: [{ key: searchAttributes.integration, value: integrationId }, { key: searchAttributes.module, value: input.module }],
    staticSummary: `${input.resource} ${input.recordId}, announced by webhook`,
  });
  return 202;
}

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of message as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes <= BODY_MAX_BYTES) parts.push(part);
    else if (bytes > DRAINED_MAX_BYTES) break;
  }
  if (bytes > BODY_MAX_BYTES) throw new Refusal(413, 'too long');
  return Buffer.concat(parts);
}

async function findHook(store: Store, integrationId: string, path: string) {
  const stored = (await store.integrations.list()).find(({ id }) => id === integrationId);
  const system = stored && integrationOf(stored.kind).otherSystem;
  const announcer = system === undefined ? null : announcerOf(system);
  const hook = system === undefined ? null : webhookSchema.safeParse(await store.connections.read(integrationId, webhookCredentialName(system))).data;
  if (!stored || !announcer || !hook || !isEqual(hook.path, path)) throw new Refusal(404, 'not found');
  return { stored, announcer, secret: hook.secret };
}

function isEqual(left: string, right: string): boolean {
  const [one, other] = [Buffer.from(left), Buffer.from(right)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function read(announcer: Announcer, body: Buffer): Announcement | null {
  try {
    return announcer.read(body);
  } catch {
    throw new Refusal(400, 'not a delivery');
  }
}

/** Null where there is nothing to do now: what is not read today, the next sync reads, and what waits for a person to ask is not carried over. */
function inputOf({ id, kind, organizationId, settings, facts, state, importedAtMs }: StoredIntegration, { resource, recordId }: Announcement): RecordInput | null {
  if (state !== 'active' || importedAtMs === null) return null;
  const integration = integrationOf(kind);
  const context = integration.readContext(settings, facts, id);
  const module = integration.modules.find(({ flows }) => flows.some((flow) =>
    flow.side === 'other' && flow.within === undefined && flow.onRequest?.applies(context) !== true && flow.resources(context).includes(resource)));
  if (!module) return null;
  return { integrationId: id, kind, organizationId, module: module.name, side: 'other', resource, recordId };
}
