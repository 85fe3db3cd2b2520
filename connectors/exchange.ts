import { request as requestHttp, type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';

/** One request and its answer, as they go over the wire. */
export interface Exchange {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Longest time until the whole answer is there, milliseconds. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** The whole answer was not there in time. */
export class AnswerTimeoutError extends Error {
  override readonly name = 'AnswerTimeoutError';
}

const decoders = { gzip: promisify(gunzip), 'x-gzip': promisify(gunzip), deflate: promisify(inflate), br: promisify(brotliDecompress) };
const acceptEncoding = 'gzip, deflate, br';
/** Takes a byte order mark away, which no JSON may begin with. */
const utf8 = new TextDecoder();

/**
 * Makes one request over a connection that is kept for the next one (the agents of Node keep theirs). Nothing is repeated and no redirect
 * is followed.
 *
 * @throws Error of Node's where there is no answer or only a part of it, {@link AnswerTimeoutError} where it takes too long
 */
export async function exchange(wanted: Exchange): Promise<RawAnswer> {
  const { response, body } = await answerTo(wanted);
  const encoding = response.headers['content-encoding']?.trim().toLowerCase() ?? '';
  const decode = Object.hasOwn(decoders, encoding) && body.length > 0 ? decoders[encoding as keyof typeof decoders] : null;
  return { status: response.statusCode ?? 0, headers: response.headers, text: utf8.decode(decode ? await decode(body) : body) };
}

function answerTo({ url, body, timeoutMs, ...wanted }: Exchange): Promise<{ response: IncomingMessage; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(error);
    };
    const outgoing = open(url, wanted, body, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        clearTimeout(timer);
        resolve({ response, body: Buffer.concat(chunks) });
      });
    });
    const timer = setTimeout(() => outgoing.destroy(new AnswerTimeoutError(`no answer within ${timeoutMs} ms`)), timeoutMs);
    outgoing.on('error', fail);
    outgoing.end(body ?? undefined);
  });
}

function open(url: URL, { method, headers, signal }: Pick<Exchange, 'method' | 'headers' | 'signal'>, body: string | null, onAnswer: (response: IncomingMessage) => void): ClientRequest {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  const length = body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return request(url, { method, headers: { 'accept-encoding': acceptEncoding, ...headers, ...length }, ...(signal && { signal }) }, onAnswer);
}
