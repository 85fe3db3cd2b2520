import { setTimeout as delay } from 'node:timers/promises';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import { heartbeating } from '../../activities/heartbeat.ts';
import { until } from '../support/until.ts';

describe('a step at work', () => {
  it('heartbeats while it waits for a slow answer, and no longer once it has ended', async () => {
    const environment = new MockActivityEnvironment({ heartbeatTimeoutMs: 40 });
    let heartbeats = 0;
    environment.on('heartbeat', () => { heartbeats += 1; });
    await environment.run(() => heartbeating(() => until(() => heartbeats > 1)));
    const atEnd = heartbeats;
    await delay(100);
    expect(heartbeats).toBe(atEnd);
  });

  it('ends its heartbeats where it fails', async () => {
    const environment = new MockActivityEnvironment({ heartbeatTimeoutMs: 20 });
    let heartbeats = 0;
    environment.on('heartbeat', () => { heartbeats += 1; });
    await expect(environment.run(() => heartbeating(() => Promise.reject(new Error('refused'))))).rejects.toThrow('refused');
    await delay(60);
    expect(heartbeats).toBe(0);
  });
});
