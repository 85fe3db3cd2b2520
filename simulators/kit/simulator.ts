import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Call, Reply, Route } from './call.ts';
import { control, controlPrefix } from './control.ts';
import { createFaults, type FaultKind, type Faults } from './faults.ts';
import { createCallLog, type CallLog, type LogEntry, type Summary } from './log.ts';
import { createRouter } from './router.ts';
import type { Service } from './service.ts';

/** A running simulator. */
export interface Simulator {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly faults: Faults;
  log(after?: number): LogEntry[];
  summary(): Summary;
  /** Ends all connections, hanging ones too. */
  close(): Promise<void>;
}

interface Running {
  readonly service: Service;
  readonly route: ReturnType<typeof createRouter>;
  readonly faults: Faults;
  readonly log: CallLog;
}

/**
 * Serves a simulated service over HTTP on 127.0.0.1. Bare `node:http`: faults need the socket, and speed matters.
 *
 * @param createService makes the service; it is told its own url, known only once the port is taken
 * @param port 0 takes a free one
 * @throws Error when the port is taken
 */
export async function startSimulator(createService: (url: string) => Service, { port = 0 }: { port?: number } = {}): Promise<Simulator> {
  const server = createServer();
  // Longer than any client keeps an idle connection, so that no request meets a connection that is just being closed.
  server.keepAliveTimeout = 300_000;
  const url = `http://127.0.0.1:${await listen(server, port)}`;
  const service = createService(url);
  const running: Running = { service, route: createRouter(service.routes), faults: createFaults(), log: createCallLog() };
  server.on('request', (incoming, outgoing) => {
    serve(running, incoming, outgoing).catch((error: unknown) => {
      // The client went away while it was still sending: nobody is left to answer.
      if (incoming.destroyed && !incoming.complete) return;
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      if (outgoing.headersSent) outgoing.destroy();
      else send(outgoing, { status: 500, text: 'The simulator itself failed.' });
    });
  });
  return {
    url,
    faults: running.faults,
    log: (after = 0) => running.log.after(after),
    summary: () => running.log.summary(),
    close: () => close(server),
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function serve(running: Running, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const call = await readCall(incoming);
  if (call.path.startsWith(controlPrefix)) {
    send(outgoing, await control(call, running));
    return;
  }
  const match = running.route(call.method, call.path);
  const fault = running.faults.strike(call.method, call.path);
  const { reply, released } = await answer(running, match ? { ...call, params: match.params } : call, match?.route ?? null, fault);
  const cut = fault !== null && isSilent(fault.kind);
  running.log.add({
    at: new Date().toISOString(),
    method: call.method,
    path: call.path,
    query: call.query.toString(),
    route: match ? `${match.route.method} ${match.route.path}` : `${call.method} (unknown)`,
    status: cut ? 0 : reply.status,
    code: reply.code ?? null,
    fault: fault?.kind ?? null,
    key: reply.key ?? null,
  });
  released?.();
  if (fault?.kind === 'hang') return;
  if (cut) incoming.socket.destroy();
  else if (fault?.kind === 'malformed') send(outgoing, halved(reply));
  else send(outgoing, reply);
}

interface Answered {
  readonly reply: Reply;
  readonly released?: () => void;
}

async function answer(running: Running, call: Call, route: Route | null, fault: { kind: FaultKind; delayMs?: number | undefined } | null): Promise<Answered> {
  const { service } = running;
  const early = fault && replyBefore(service, fault.kind, call);
  if (early) return { reply: early };
  if (!route) return { reply: service.unknownRoute(call) };
  const admitted = service.admit?.(call) ?? null;
  if (admitted !== null && typeof admitted !== 'function') return { reply: admitted };
  const workMs = (service.workMs?.() ?? 0) + (fault?.kind === 'slow' ? (fault.delayMs ?? 1000) : 0);
  try {
    if (workMs > 0) await delay(workMs);
    const reply = await route.handle(call);
    return admitted ? { reply, released: admitted } : { reply };
  } catch (error) {
    admitted?.();
    throw error;
  }
}

const htmlPage = '<!DOCTYPE html><html><head><title>Just a moment</title></head><body><h1>The service is being maintained.</h1></body></html>';

function replyBefore(service: Service, kind: FaultKind, call: Call): Reply | null {
  switch (kind) {
    case 'lost-answer':
    case 'malformed':
    case 'slow':
      return null;
    case 'hang':
    case 'reset':
      return { status: 0 };
    case 'html':
      return { status: 200, text: htmlPage };
    case 'error-before':
    case 'unauthorized':
    case 'limit-minute':
    case 'limit-blocked':
    case 'limit-day':
    case 'limit-concurrent':
      return service.faultReply(kind, call);
    default:
      throw new Error(`unknown fault ${String(kind satisfies never)}`);
  }
}

function isSilent(kind: FaultKind): boolean {
  return kind === 'lost-answer' || kind === 'reset' || kind === 'hang';
}

function halved(reply: Reply): Reply {
  const whole = reply.json === undefined ? (reply.text ?? '{"') : JSON.stringify(reply.json);
  return { status: reply.status, text: whole.slice(0, Math.ceil(whole.length / 2)), headers: { ...reply.headers, 'content-type': 'application/json' } };
}

async function readCall(incoming: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const target = incoming.url ?? '/';
  const mark = target.indexOf('?');
  return {
    method: incoming.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
    headers: incoming.headers,
    body: chunks.length === 0 ? '' : Buffer.concat(chunks).toString('utf8'),
    params: {},
  };
}

function send(outgoing: ServerResponse, reply: Reply): void {
  const isJson = reply.json !== undefined;
  const body = isJson ? JSON.stringify(reply.json) : (reply.text ?? '');
  const type = isJson ? 'application/json;charset=UTF-8' : 'text/html;charset=UTF-8';
  outgoing.writeHead(reply.status, { 'content-type': type, 'content-length': Buffer.byteLength(body), ...reply.headers });
  outgoing.end(body);
}
