import { expect, it } from 'vitest';
import { createAhead, type Granted } from '../../store/ahead.ts';

it('uses nothing that it took while a refusal was being written', async () => {
  const asked: ((granted: Granted) => void)[] = [];
  const ahead = createAhead({ take: () => new Promise((resolve) => { asked.push(resolve); }), settle: () => Promise.resolve(), end: () => Promise.resolve() }, Date.now);
  const first = ahead.take('books', 'bulk');
  const refused = ahead.settled('books', async () => {
    asked.shift()?.({ granted: true, callIds: ['first', 'second', 'third'] });
    expect(await first).toEqual({ granted: true, callId: 'first' });
  });
  await refused;
  const next = ahead.take('books', 'bulk');
  asked.shift()?.({ granted: false, code: 'limit-minute', resumeAtMs: 1 });
  expect(await next).toMatchObject({ granted: false });
});
