import { randomBytes } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MAIL_ATTEMPTS_MAX, notifyStop } from '../../activities/notify-stop.ts';
import type { Mail, MailResult } from '../../connectors/mail.ts';
import { openStore } from '../../store/store.ts';

const nowMs = Date.UTC(2026, 2, 1, 14, 5);
const settings = {
  organizationId: '60', useHectorCustomers: true, calculationTypeParts: 'By day', calculationTypePlaces: 'By day', categoryId: '1', stockroomId: '1',
  completedStatusIds: ['3'], timeZone: 'UTC', email: 'ann@example.com',
};
const stop = { integrationId: 'hector', runId: 'run', code: 'limit-day', sinceMs: nowMs, untilMs: nowMs + 3_600_000 } as const;

/** @param answers what the mail server answers, one after the other */
async function world(answers: readonly MailResult[]) {
  const store = await openStore({ url: 'sqlite::memory:', key: randomBytes(32).toString('base64'), now: () => nowMs });
  onTestFinished(() => store.close());
  await store.integrations.save({ id: 'hector', kind: 'hector', organizationId: '60', settings, facts: { currencyCode: 'EUR', digits: 2, name: 'Rentals' } });
  const mails: Mail[] = [];
  const mail = (sent: Mail): Promise<MailResult> => {
    mails.push(sent);
    return Promise.resolve(answers[mails.length - 1] ?? { sent: true });
  };
  const deps = { store, mail, now: () => nowMs, noticeAfterMs: 600_000, lanes: 1, sleep: () => Promise.resolve(), http: () => () => Promise.reject(new Error('no call is made')) };
  const attempt = (number: number) => new MockActivityEnvironment({ attempt: number }).run(notifyStop, deps, stop);
  const history = async () => (await store.operations.history('hector', { limit: 5 })).map(({ detail }) => detail);
  return { attempt, mails, history };
}

const dead: MailResult = { sent: false, final: false, reason: 'connect ECONNREFUSED' };

describe('a mail server that fails', () => {
  it('is tried again, with a mail that is known to be the same', async () => {
    const { attempt, mails, history } = await world([dead]);
    await expect(attempt(1)).rejects.toThrow(ApplicationFailure);
    expect(await history()).toEqual([]);
    await attempt(2);
    expect(mails[1]).toEqual(mails[0]);
    expect(await history()).toEqual([expect.stringMatching(/ann@example\.com was told by e-mail$/)]);
  });

  it('is left alone after some attempts, and the history says why', async () => {
    const { attempt, history } = await world(Array.from({ length: MAIL_ATTEMPTS_MAX }, () => dead));
    for (let number = 1; number < MAIL_ATTEMPTS_MAX; number += 1) await expect(attempt(number)).rejects.toThrow('ECONNREFUSED');
    await attempt(MAIL_ATTEMPTS_MAX);
    expect(await history()).toEqual(['stopped at 2026-03-01 14:05 UTC, goes on at 2026-03-01 15:05 UTC; ann@example.com could not be told by e-mail: connect ECONNREFUSED']);
  });

  it('is not asked again where it says no for good', async () => {
    const { attempt, mails, history } = await world([{ sent: false, final: true, reason: '550 no such user' }]);
    await attempt(1);
    await attempt(2);
    expect(mails).toHaveLength(1);
    expect(await history()).toEqual([expect.stringContaining('550 no such user')]);
  });
});
