import { describe, it, type TestContext } from 'vitest';
import { freePort } from '../../scripts/free-port.ts';
import { startBridge, type Bridge } from '../support/bridge.ts';
import { generatedData } from '../support/generated-data.ts';
import { startMailServer, type MailServer } from '../support/mail-server.ts';
import { until } from '../support/until.ts';

const minute = { calls: 100_000, windowMs: 1_000 };
/** After the refusal of a day Bookbridge asks again after a 24th of it: here after 6 seconds. A run that hears of the refusal seconds late still sees a stop of more than 2. */
const day = { calls: 100_000, windowMs: 144_000 };
const dayRefused = { route: 'PUT /books/v3/invoices', kind: 'limit-day' } as const;
const email = 'ann@rentals.example';

interface Told {
  readonly bridge: Bridge;
  readonly mails: MailServer;
}

async function started({ onTestFinished }: Pick<TestContext, 'onTestFinished'>, noticeAfterMs: number): Promise<Told> {
  const mails = await startMailServer();
  onTestFinished(() => mails.close());
  const data = await generatedData({ customers: 4, loaners: 12 });
  const bridge = await startBridge({ data, config: { smtp: { url: mails.url, from: 'Bookbridge <bookbridge@rentals.example>' }, noticeAfterMs } });
  onTestFinished(() => bridge.stop());
  await bridge.connect({ email }, { limits: { minute, day } });
  await bridge.startImport();
  return { bridge, mails };
}

async function noteworthy({ bookbridge, integrationId }: Bridge) {
  return (await bookbridge.store.operations.history(integrationId, { module: 'integration', limit: 20 })).map(({ code, detail }) => ({ code, detail }));
}

/** The subject as a person reads it (RFC 2047). */
function subjectOf(mail: MailServer['received'][number] | undefined): string {
  const words = (mail?.headers['subject'] ?? '').replaceAll(/\?=\s+=\?UTF-8\?Q\?/g, '');
  return words.replace(/=\?UTF-8\?Q\?(.*)\?=/, (_word, quoted: string) => decodeURIComponent(quoted.replaceAll('_', ' ').replaceAll(/=([0-9A-F]{2})/g, '%$1')));
}

const failed = (running: Promise<unknown>) => running.then(() => false, () => true);

// These tests wait for limits to end, so they wait together.
describe.concurrent('the mail about a stop', () => {
  it('comes once for each stop, however many invoices wait and however often the end is put off', async ({ expect, onTestFinished }) => {
    const { bridge, mails } = await started({ onTestFinished }, 2_000);
    await bridge.makeLoaners(8);
    // Asked again after the first pause, Books refuses once more: it is still the same stop.
    const fault = bridge.zoho.faults.add(dayRefused);
    const syncing = bridge.sync();
    const refusedAtMs = () => bridge.zoho.log().filter(({ code }) => code === 45).map(({ at }) => Date.parse(at));
    // Until it has been put off, and all wait: an invoice that gets through while another is refused would end one stop and begin the next.
    await until(() => mails.received.length > 0 && Math.max(...refusedAtMs()) - Math.min(...refusedAtMs()) > 2_000 && Date.now() - Math.max(...refusedAtMs()) > 1_200);
    bridge.zoho.faults.remove(fault);
    await syncing;
    const [mail] = mails.received;
    expect(mail).toMatchObject({ from: 'bookbridge@rentals.example', to: [email] });
    const { name, id } = bridge.dataSet.books.organization;
    expect(subjectOf(mail)).toMatch(new RegExp(`^Bookbridge: ${name}, ${bridge.integrationId}, waits until \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d ${bridge.dataSet.settings.timeZone}$`));
    expect(mail?.text).toContain(`${name} (${id}) in Zoho Books`);
    expect(mail?.text).toMatch(/What waits\n {2}loaners {2}\d records?\n/);
    await until(async () => (await noteworthy(bridge)).length > 0);
    expect(await noteworthy(bridge)).toEqual([{ code: 'limit-day', detail: expect.stringMatching(/^stopped at .*, goes on at .*; ann@rentals\.example was told by e-mail$/) }]);
    expect(mails.received).toHaveLength(1);

    await bridge.makeLoaners(4);
    bridge.zoho.faults.add({ ...dayRefused, times: 1 });
    await bridge.sync();
    await until(() => mails.received.length > 1);
    expect(mails.received).toHaveLength(2);
    expect(await bridge.differences()).toEqual([]);
  });

  it('does not come for the limit of a minute, nor for any stop shorter than wanted', async ({ expect, onTestFinished }) => {
    const { bridge, mails } = await started({ onTestFinished }, 600_000);
    await bridge.makeLoaners();
    bridge.zoho.faults.add({ ...dayRefused, times: 1 });
    bridge.zoho.faults.add({ route: dayRefused.route, kind: 'limit-minute', times: 2 });
    const { pauses } = await bridge.sync();
    expect(pauses).toBeGreaterThan(0);
    expect(await noteworthy(bridge)).toEqual([]);
    expect(mails.received).toEqual([]);
  });

  it('comes for pauses that are short each, where none gets anywhere for long', async ({ expect, onTestFinished }) => {
    const { bridge, mails } = await started({ onTestFinished }, 8_000);
    await bridge.makeLoaners(1);
    bridge.zoho.faults.add({ ...dayRefused, times: 2 });
    await bridge.sync();
    await until(() => mails.received.length > 0);
    expect(mails.received).toHaveLength(1);
  });

  it('comes once when a person is needed, and again only after a run has gone through', async ({ expect, onTestFinished }) => {
    const { bridge, mails } = await started({ onTestFinished }, 600_000);
    bridge.zoho.revokeAll();
    expect(await failed(bridge.sync())).toBe(true);
    await until(() => mails.received.length > 0);
    expect(subjectOf(mails.received[0])).toBe(`Bookbridge: ${bridge.dataSet.books.organization.name}, ${bridge.integrationId}, has stopped and needs you`);
    expect(mails.received[0]?.text).toContain('Connect the integration again and press Accept.');
    expect(await failed(bridge.sync())).toBe(true);

    await bridge.connect({ email }, { limits: { minute, day } });
    await bridge.sync();
    bridge.zoho.revokeAll();
    expect(await failed(bridge.sync())).toBe(true);
    await until(() => mails.received.length > 1);
    expect(mails.received).toHaveLength(2);
  });
});

describe.concurrent('nobody is told', () => {
  async function unheard(onTestFinished: TestContext['onTestFinished'], smtp: { url: string; from: string } | null, settings: Record<string, unknown>): Promise<Bridge> {
    const bridge = await startBridge({ data: await generatedData({ customers: 2, loaners: 4 }), config: { smtp, noticeAfterMs: 2_000 } });
    onTestFinished(() => bridge.stop());
    await bridge.connect(settings, { limits: { minute, day } });
    await bridge.startImport();
    await bridge.makeLoaners();
    bridge.zoho.faults.add({ ...dayRefused, times: 1 });
    await bridge.sync();
    return bridge;
  }

  it('by a mail server that is dead, and the run goes on as if it lived', async ({ expect, onTestFinished }) => {
    const bridge = await unheard(onTestFinished, { url: `smtp://127.0.0.1:${await freePort()}`, from: 'a@b.example' }, { email });
    expect(await bridge.differences()).toEqual([]);
  });

  it.for([
    [{ email }, 'ann@rentals.example was not told, because SMTP_URL is not set'],
    [{ email: '' }, 'nobody was told, because the settings have no Email'],
  ] as const)('with %j and without a mail server, and the history says why', async ([settings, why], { expect, onTestFinished }) => {
    const bridge = await unheard(onTestFinished, null, settings);
    await until(async () => (await noteworthy(bridge)).length > 0);
    expect(await noteworthy(bridge)).toEqual([{ code: 'limit-day', detail: expect.stringContaining(why) }]);
    expect(await bridge.differences()).toEqual([]);
  });
});
