import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createCollection, type Position } from '../../simulators/hector/collection.ts';

const id = fc.integer({ min: 0, max: 15 }).map((n) => `r${n}`);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: fc.constant('put' as const), id, laterMs: fc.integer({ min: 0, max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('remove' as const), id, laterMs: fc.integer({ min: 0, max: 2 }) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('page' as const), limit: fc.integer({ min: 1, max: 5 }) }) },
);

/** Many changes fall on one millisecond, and pages are read between them. fast-check prints the seed of a failure. */
it('loses no record to changes between pages, whatever the order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const collection = createCollection();
      const truth = new Map<string, string>();
      const seen = new Map<string, string>();
      let nowMs = Date.UTC(2026, 0, 1);
      for (let n = 0; n < 10; n += 1) {
        collection.put({ id: `r${n}`, updatedAt: new Date(nowMs).toISOString() });
        truth.set(`r${n}`, new Date(nowMs).toISOString());
      }
      nowMs += 1;
      const startedAt = new Date(nowMs).toISOString();
      let after: Position | null = null;
      const read = (limit: number, since: string | null) => {
        const listed = collection.list({ after, since, limit });
        for (const record of listed.records) seen.set(record.id, 'deleted' in record ? 'deleted' : record.updatedAt);
        after = listed.next;
        return listed.next !== null;
      };
      for (const each of steps) {
        if (each.what === 'page') {
          read(each.limit, null);
          continue;
        }
        nowMs += each.laterMs;
        const updatedAt = new Date(nowMs).toISOString();
        if (each.what === 'put') {
          collection.put({ id: each.id, updatedAt });
          truth.set(each.id, updatedAt);
        } else if (collection.remove(each.id, updatedAt)) {
          truth.set(each.id, 'deleted');
        }
      }
      const readToTheEnd = (since: string | null) => {
        let more = true;
        while (more) more = read(3, since);
      };
      readToTheEnd(null);
      // The next pass, from the time this one began, sees what this one could not.
      readToTheEnd(startedAt);
      expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(truth));
      expect(collection.size).toBe([...truth.values()].filter((value) => value !== 'deleted').length);
    }),
    { numRuns: 300 },
  );
});
