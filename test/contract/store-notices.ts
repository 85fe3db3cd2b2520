import { expect, it } from 'vitest';
import type { Stop } from '../../store/notices.ts';
import { startMs, type Current } from './store-under-test.ts';

const minuteMs = 60_000;
const forMs = 10 * minuteMs;

/** A stop that began some minutes after eight and lasts to some minutes after eight. */
function stop(current: Current, from: number, to: number | null, more: Partial<Stop> = {}): Stop {
  return { integrationId: current().integrationId, kind: 'limit', code: 'limit-day', sinceMs: startMs + from * minuteMs, untilMs: to === null ? null : startMs + to * minuteMs, ...more };
}

export function itKeepsNotices(current: Current): void {
  const at = (minute: number) => { current().clock.nowMs = startMs + minute * minuteMs; };
  const told = { runId: 'run', detail: 'somebody was told' };

  it('lets one of many tell of a stop, and remembers that it did', async () => {
    const { store, other } = current();
    const claims = await Promise.all([0, 1, 2, 3].map((n) => (n % 2 === 0 ? store : other).notices.claim(stop(current, 0, 60), `w${n}`, forMs)));
    const won = claims.filter((claim) => claim !== null);
    expect(won).toEqual([stop(current, 0, 60)]);
    await store.notices.settle(stop(current, 0, 60), told);
    at(7);
    expect(await other.notices.claim(stop(current, 0, 60), 'w4', forMs)).toBeNull();
  });

  it('lets the one who tells try again, and another one when it is dead', async () => {
    const { store } = current();
    expect(await store.notices.claim(stop(current, 0, 60), 'first', forMs)).not.toBeNull();
    at(1);
    expect(await store.notices.claim(stop(current, 0, 60), 'first', forMs)).not.toBeNull();
    at(4);
    expect(await store.notices.claim(stop(current, 0, 60), 'second', forMs)).toBeNull();
    at(7);
    expect(await store.notices.claim(stop(current, 0, 60), 'second', forMs)).not.toBeNull();
  });

  it('tells of no stop that is shorter than is wanted', async () => {
    const { store } = current();
    expect(await store.notices.claim(stop(current, 0, 9), 'w', forMs)).toBeNull();
    expect(await store.notices.claim(stop(current, 0, 10), 'w', forMs)).not.toBeNull();
  });

  it('knows a stop that is made longer again and again as one', async () => {
    const { store } = current();
    await store.notices.claim(stop(current, 0, 60), 'w', forMs);
    await store.notices.settle(stop(current, 0, 60), told);
    for (const hour of [1, 2, 3]) {
      at(hour * 60);
      expect(await store.notices.claim(stop(current, hour * 60, hour * 60 + 60), 'w', forMs)).toBeNull();
    }
  });

  it('knows the next stop as another one once work has gone on, and counts it from then', async () => {
    const { store } = current();
    await store.notices.claim(stop(current, 0, 60), 'w', forMs);
    await store.notices.settle(stop(current, 0, 60), told);
    at(60);
    await store.notices.end(current().integrationId, ['limit']);
    // One that has waited all the time meets a short limit now: for it nothing has gone on, for the integration it has.
    expect(await store.notices.claim(stop(current, 0, 61), 'other', forMs)).toBeNull();
    expect(await store.notices.claim(stop(current, 0, 120), 'other', forMs)).toEqual(stop(current, 60, 120));
  });

  it('takes a stop for over that nobody has met again since it should have ended', async () => {
    const { store } = current();
    await store.notices.claim(stop(current, 0, 60), 'w', forMs);
    await store.notices.settle(stop(current, 0, 60), told);
    at(71);
    expect(await store.notices.claim(stop(current, 71, 120), 'w', forMs)).toEqual(stop(current, 71, 120));
  });

  it('tells of what needs a person once, whatever its length, until that is over', async () => {
    const { store, integrationId } = current();
    const revoked = stop(current, 0, null, { kind: 'authorization-revoked', code: 'authorization-revoked' });
    expect(await store.notices.claim(revoked, 'w', forMs)).toEqual(revoked);
    await store.notices.settle(revoked, told);
    at(60 * 24 * 30);
    expect(await store.notices.claim(revoked, 'w2', forMs)).toBeNull();
    await store.notices.end(integrationId, null);
    expect(await store.notices.claim(revoked, 'w3', forMs)).not.toBeNull();
  });

  it('keeps stops of different kinds apart, and those of different integrations', async () => {
    const { store, integrationId } = current();
    await store.notices.claim(stop(current, 0, 60), 'w', forMs);
    expect(await store.notices.claim(stop(current, 0, 60, { kind: 'limit-share', code: 'limit-share' }), 'w2', forMs)).not.toBeNull();
    expect(await store.notices.claim(stop(current, 0, 60, { integrationId: `${integrationId}-2` }), 'w2', forMs)).not.toBeNull();
    await store.notices.end(integrationId, ['limit-share']);
    expect(await store.notices.claim(stop(current, 1, 60), 'w2', forMs)).toBeNull();
  });

  it('writes into the history who was told', async () => {
    const { store, integrationId } = current();
    await store.notices.settle(stop(current, 0, 60), told);
    expect(await store.operations.history(integrationId, { limit: 5 })).toEqual([
      expect.objectContaining({ module: 'integration', recordId: integrationId, outcome: 'note', code: 'limit-day', detail: 'somebody was told' }),
    ]);
  });
}
