import { describe, expect, it, onTestFinished } from 'vitest';
import { createMailer } from '../../connectors/mail.ts';
import { startMailServer, type MailServer } from '../support/mail-server.ts';

const mail = { to: 'ann@example.com', subject: 'Bookbridge: hector waits', text: 'Zoë\n.\n=41\nFrom here to there\n', id: 'hector.limit.1' };

async function mailServer(...options: Parameters<typeof startMailServer>): Promise<MailServer> {
  const server = await startMailServer(...options);
  onTestFinished(() => server.close());
  return server;
}

describe('a mail', () => {
  it('arrives as plain text, as it was written', async () => {
    const server = await mailServer();
    const send = createMailer({ url: server.url, from: 'Bookbridge <bookbridge@rentals.example>' });
    expect(await send(mail)).toEqual({ sent: true });
    expect(server.received).toHaveLength(1);
    const [received] = server.received;
    expect(received).toMatchObject({ from: 'bookbridge@rentals.example', to: ['ann@example.com'] });
    expect(received?.headers).toMatchObject({
      from: 'Bookbridge <bookbridge@rentals.example>', to: 'ann@example.com', subject: 'Bookbridge: hector waits',
      'content-type': 'text/plain; charset=utf-8', 'auto-submitted': 'auto-generated', 'message-id': '<hector.limit.1@rentals.example>',
    });
    expect(received?.text.trim()).toBe(mail.text.trim());
  });

  it('cannot be given a header by its subject', async () => {
    const server = await mailServer();
    await createMailer({ url: server.url, from: 'a@b.example' })({ ...mail, subject: 'waits\r\nBcc: eve@example.com' });
    expect(server.received[0]?.to).toEqual(['ann@example.com']);
    expect(server.received[0]?.headers).not.toHaveProperty('bcc');
  });

  it('is sent with user and password where the server wants them', async () => {
    const server = await mailServer({ login: { user: 'bridge@example.com', password: 'p@ss/word' } });
    expect(await createMailer({ url: server.url, from: 'a@b.example' })(mail)).toEqual({ sent: true });
  });
});

describe('a mail that is not sent says why', () => {
  it('for good, where the password is wrong, and without showing it', async () => {
    const server = await mailServer({ login: { user: 'bridge', password: 'right' } });
    const result = await createMailer({ url: server.url.replace('right', 'wrong-one'), from: 'a@b.example' })(mail);
    expect(result).toMatchObject({ sent: false, final: true });
    expect(JSON.stringify(result)).not.toContain('wrong-one');
  });

  it.each([[550, true], [451, false]])('where the server answers %i', async (code, final) => {
    const server = await mailServer({ refuse: () => ({ code, message: 'no such user here' }) });
    const result = await createMailer({ url: server.url, from: 'a@b.example' })(mail);
    expect(result).toMatchObject({ sent: false, final });
    expect(result).toHaveProperty('reason', expect.stringContaining('no such user here'));
  });

  it('where there is no server', async () => {
    expect(await createMailer({ url: 'smtp://127.0.0.1:9', from: 'a@b.example' })(mail)).toMatchObject({ sent: false, final: false, reason: expect.stringContaining('ECONNREFUSED') });
  });
});
