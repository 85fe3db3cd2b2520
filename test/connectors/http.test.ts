import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttp } from '../../connectors/http.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server of the behaviour that a test is about. */
async function start(answer: (request: IncomingMessage & { text: string }, response: ServerResponse) => void): Promise<{ url: string; connections: () => number }> {
  let connections = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(Object.assign(request, { text: Buffer.concat(chunks).toString() }), response));
  }).on('connection', () => { connections += 1; });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, connections: () => connections };
}

const http = createHttp({ timeoutMs: 5_000 });
const long = { name: 'Société Générale & Søn', list: Array.from({ length: 500 }, (_, number) => ({ number })) };

describe('a call', () => {
  it.each([
    ['gzip', gzipSync], ['deflate', deflateSync], ['br', brotliCompressSync], ['GZIP', gzipSync],
  ])('reads an answer that was packed with %s', async (encoding, pack) => {
    const { url } = await start((_request, response) => response.writeHead(200, { 'content-encoding': encoding }).end(pack(JSON.stringify(long))));
    expect((await http({ method: 'GET', url })).body).toEqual(long);
  });

  it('reads an answer without body, packed or not, as null', async () => {
    const { url } = await start(({ url: path }, response) => response.writeHead(path === '/packed' ? 200 : 204, path === '/packed' ? { 'content-encoding': 'gzip' } : {}).end());
    expect([(await http({ method: 'GET', url: `${url}/packed` })).body, (await http({ method: 'DELETE', url })).body]).toEqual([null, null]);
  });

  it('reads an answer that begins with a byte order mark', async () => {
    const { url } = await start((_request, response) => response.end(`\uFEFF${JSON.stringify(long)}`));
    expect((await http({ method: 'GET', url })).body).toEqual(long);
  });

  it('sends JSON, forms, queries and headers', async () => {
    const { url } = await start(({ method, url: path, headers, text }, response) => response.end(JSON.stringify({ method, path, type: headers['content-type'], length: headers['content-length'], key: headers['x-key'], accept: headers.accept, text })));
    const accept = 'application/json';
    expect((await http({ method: 'PUT', url: `${url}/a?old=1`, query: { 'a b': 'ä&=', c: '' }, headers: { 'X-Key': 'k' }, json: { a: 'ü' } })).body)
      .toEqual({ method: 'PUT', path: '/a?a+b=%C3%A4%26%3D&c=', type: accept, length: '10', key: 'k', accept, text: '{"a":"ü"}' });
    expect((await http({ method: 'POST', url: `${url}/b?old=1`, form: { code: 'a b', scope: 'ü' } })).body)
      .toEqual({ method: 'POST', path: '/b?old=1', type: 'application/x-www-form-urlencoded', length: '21', accept, text: 'code=a+b&scope=%C3%BC' });
    expect((await http({ method: 'POST', url })).body).toMatchObject({ path: '/', length: '0', text: '' });
  });

  it('keeps its connection for the next one', async () => {
    const { url, connections } = await start((_request, response) => response.end('{}'));
    for (let call = 0; call < 5; call += 1) await http({ method: 'GET', url });
    expect(connections()).toBe(1);
  });

  it('follows no redirect', async () => {
    const { url } = await start((_request, response) => response.writeHead(302, { location: '/elsewhere' }).end());
    expect((await http({ method: 'GET', url })).status).toBe(302);
  });
});

describe('a call that fails', () => {
  it('for want of a server says with which code', async () => {
    await expect(http({ method: 'GET', url: 'http://127.0.0.1:9/a?secret=1' })).rejects.toMatchObject({ code: 'system-unreachable', detail: 'GET 127.0.0.1:9/a could not be reached (ECONNREFUSED)' });
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['at all', () => {}],
    ['to the end', (response) => void response.write('{"a":')],
  ])('because the server does not answer %s says so', async (_name, begin) => {
    const { url } = await start((_request, response) => begin(response));
    await expect(createHttp({ timeoutMs: 50 })({ method: 'GET', url })).rejects.toMatchObject({ code: 'system-unreachable', detail: expect.stringContaining('did not answer in time') });
  });

  it('half way says so', async () => {
    const { url } = await start((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"a":1}', () => response.destroy());
    });
    await expect(http({ method: 'GET', url })).rejects.toMatchObject({ code: 'system-unreachable', detail: expect.stringContaining('could not be reached') });
  });

  it.each(['gzip', 'br'])('to be unpacked (%s) says so', async (encoding) => {
    const { url } = await start((_request, response) => response.writeHead(200, { 'content-encoding': encoding }).end('{"a":1}'));
    await expect(http({ method: 'GET', url })).rejects.toMatchObject({ code: 'system-unreachable' });
  });

  it('because of a header that cannot be sent says so', async () => {
    await expect(http({ method: 'GET', url: 'http://127.0.0.1:9', headers: { key: 'line\nline' } })).rejects.toMatchObject({ code: 'system-unreachable', detail: expect.stringContaining('ERR_INVALID_CHAR') });
  });

  it.each([true, false])('because it was ended ends (before it began: %s)', async (isBefore) => {
    const ending = new AbortController();
    const { url } = await start(() => ending.abort());
    if (isBefore) ending.abort();
    await expect(createHttp({ timeoutMs: 5_000, signal: ending.signal })({ method: 'GET', url })).rejects.toMatchObject({ code: 'system-unreachable', detail: expect.stringContaining('ERR_ABORTED') });
  });
});
