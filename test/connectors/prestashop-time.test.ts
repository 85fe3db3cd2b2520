import * as fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { createShopClock } from '../../connectors/prestashop/time.ts';

const parameters = { seed: 2_026, numRuns: 1000 };
const paris = createShopClock('Europe/Paris');
const show = (ms: number, zone: string) => DateTime.fromMillis(ms, { zone }).toFormat('yyyy-MM-dd HH:mm:ss');
const zones = ['Europe/Paris', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Tokyo', 'America/St_Johns', 'Europe/Athens', 'Pacific/Apia'] as const;
/** Seconds of two years, half of them in a week in which clocks are set back. */
const momentMs = fc.oneof(
  fc.integer({ min: Date.UTC(2025, 0) / 1000, max: Date.UTC(2027, 0) / 1000 }),
  fc.integer({ min: Date.UTC(2026, 9, 24) / 1000, max: Date.UTC(2026, 10, 2) / 1000 }),
  fc.integer({ min: Date.UTC(2026, 3, 4) / 1000, max: Date.UTC(2026, 3, 6) / 1000 }),
).map((seconds) => seconds * 1000);

describe("times on the shop's clock", () => {
  it('are read in its zone, in summer and in winter', () => {
    expect(paris.iso('2026-07-01 12:00:00')).toBe('2026-07-01T10:00:00.000Z');
    expect(paris.iso('2026-12-01 12:00:00')).toBe('2026-12-01T11:00:00.000Z');
  });

  it('become the end of the hour that is shown twice where a change lies in it', () => {
    expect(paris.changed('2026-10-25 01:59:59')).toBe('2026-10-24T23:59:59.000Z');
    expect(paris.changed('2026-10-25 02:00:00')).toBe('2026-10-25T01:59:59.000Z');
    expect(paris.changed('2026-10-25 02:30:00')).toBe('2026-10-25T01:59:59.000Z');
    expect(paris.changed('2026-10-25 03:00:00')).toBe('2026-10-25T02:00:00.000Z');
  });

  it('refuse a zone that is none', () => {
    expect(() => createShopClock('Europe/Nowhere')).toThrow(/settings-invalid: .*Europe\/Nowhere/);
  });

  it(`never make a later change look older (seed ${parameters.seed})`, () => {
    fc.assert(fc.property(fc.constantFrom(...zones), momentMs, fc.integer({ min: 0, max: 10_800 }), (zone, ms, laterSeconds) => {
      const clock = createShopClock(zone);
      const [early, late] = [clock.changed(show(ms, zone)), clock.changed(show(ms + laterSeconds * 1000, zone))];
      expect(Date.parse(late)).toBeGreaterThanOrEqual(Date.parse(early));
      expect(Date.parse(early)).toBeGreaterThanOrEqual(ms);
    }), parameters);
  });

  it(`lie behind the place where a search for changes begins (seed ${parameters.seed})`, () => {
    fc.assert(fc.property(fc.constantFrom(...zones), momentMs, fc.integer({ min: 0, max: 14_400 }), (zone, sinceMs, laterSeconds) => {
      const begin = createShopClock(zone).before(new Date(sinceMs).toISOString());
      expect(show(sinceMs + laterSeconds * 1000, zone) > begin).toBe(true);
    }), parameters);
  });

  it('begin a search one second early, and no more, when the clock is not set', () => {
    expect(paris.before('2026-07-01T10:00:00.000Z')).toBe('2026-07-01 11:59:59');
  });
});
