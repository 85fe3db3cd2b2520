import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** By name in lower case; folded ones are whole. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export interface MailServer {
  /** For `SMTP_URL`. */
  readonly url: string;
  readonly received: readonly ReceivedMail[];
  close(): Promise<void>;
}

interface MailServerOptions {
  /** Only whom it answers to; others may send without a password. */
  readonly login?: { readonly user: string; readonly password: string };
  /** What it answers to a recipient; a code of SMTP. */
  readonly refuse?: (to: string) => { readonly code: number; readonly message: string } | null;
}

/** A real mail server on a free port of 127.0.0.1 that keeps what it is given. */
export async function startMailServer({ login, refuse = () => null }: MailServerOptions = {}): Promise<MailServer> {
  const received: ReceivedMail[] = [];
  const server = new SMTPServer({
    hideSTARTTLS: true, allowInsecureAuth: true, authOptional: login === undefined,
    onAuth: ({ username, password }, _session, done) => {
      if (username === login?.user && password === login?.password) done(null, { user: username ?? '' });
      else done(new Error('Wrong user or password'));
    },
    onRcptTo: ({ address }, _session, done) => {
      const refusal = refuse(address);
      done(refusal && Object.assign(new Error(refusal.message), { responseCode: refusal.code }));
    },
    onData: (stream, { envelope }, done) => {
      let raw = '';
      stream.setEncoding('utf8').on('data', (part: string) => { raw += part; }).on('end', () => {
        received.push({ from: envelope.mailFrom === false ? '' : envelope.mailFrom.address, to: envelope.rcptTo.map(({ address }) => address), ...readMail(raw) });
        done();
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  const access = login ? `${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}@` : '';
  return {
    url: `smtp://${access}127.0.0.1:${port}`, received,
    close: () => new Promise((resolve) => { server.close(() => resolve()); }),
  };
}

function readMail(raw: string): Pick<ReceivedMail, 'headers' | 'text'> {
  const [head = '', ...body] = raw.split('\r\n\r\n');
  const lines = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
  const encoded = body.join('\r\n\r\n');
  return { headers, text: headers['content-transfer-encoding'] === 'quoted-printable' ? unquoted(encoded) : encoded.replaceAll('\r\n', '\n') };
}

/** RFC 2045, 6.7. */
function unquoted(text: string): string {
  const bytes = text.replaceAll(/=\r\n/g, '').replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8').replaceAll('\r\n', '\n');
}
