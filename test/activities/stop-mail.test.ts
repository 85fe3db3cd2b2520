import { describe, expect, it } from 'vitest';
import { stopMail } from '../../activities/stop-mail.ts';
import { errorTable } from '../../domain/errors.ts';
import type { ChangeCount } from '../../store/operations.ts';

const integration = { id: 'hector', organizationId: '10234695', settings: { timeZone: 'America/Toronto' }, facts: { name: 'Zoë\nRentals' } };
const sinceMs = Date.UTC(2026, 2, 1, 14, 5);
const untilMs = Date.UTC(2026, 2, 2);
const count = (module: string, state: ChangeCount['state'], records: number): ChangeCount => ({ module, state, code: null, count: records, dueMs: { first: 0, last: 0 } });
const counts = [count('customers', 'pending', 1_240), count('loaners', 'pending', 1), count('loaners', 'waiting', 2), count('items', 'skipped', 9), count('items', 'failed', 1)];

describe('the mail about a limit', () => {
  const { subject, text } = stopMail(integration, { code: 'limit-day', sinceMs, untilMs }, counts);

  it('names organization, integration and end in its subject', () => {
    expect(subject).toBe('Bookbridge: Zoë Rentals, hector, waits until 2026-03-01 19:00 America/Toronto');
  });

  it('says which organization, why, since when and until when', () => {
    expect(text.split('\n')).toEqual(expect.arrayContaining([
      'Organization  Zoë Rentals (10234695) in Zoho Books',
      `Why           ${errorTable['limit-day'].what} (limit-day)`,
      'Since         2026-03-01 09:05 America/Toronto',
      'Goes on       by itself, at 2026-03-01 19:00 America/Toronto at the earliest',
    ]));
  });

  it('tells times by the clock of the settings, also on the day on which it is put forward, and of none in UTC', () => {
    const at = (timeZone: string | null) => stopMail({ ...integration, settings: timeZone === null ? {} : { timeZone } }, { code: 'limit-day', sinceMs: Date.UTC(2026, 2, 8, 6, 59), untilMs: Date.UTC(2026, 2, 8, 7) }, []).text;
    expect(at('America/Toronto')).toContain('Since         2026-03-08 01:59 America/Toronto\nGoes on       by itself, at 2026-03-08 03:00 America/Toronto');
    expect(at(null)).toContain('Since         2026-03-08 06:59 UTC\n');
    expect(at('Nowhere/Land')).toContain('Since         2026-03-08 06:59 UTC\n');
  });

  it('counts what waits, module by module', () => {
    expect(text).toContain('What waits\n  customers  1,240 records\n  loaners    3 records\n');
    expect(text).not.toContain('items');
  });

  it('says what one can do', () => {
    expect(text).toContain(`What you can do\n  ${errorTable['limit-day'].remedy}\n  See where it stands: bookbridge status --integration hector\n`);
  });

  it('says that invoices go on where only the rest has to wait', () => {
    expect(text).not.toContain('Single documents do not wait');
    expect(stopMail(integration, { code: 'limit-share', sinceMs, untilMs }, counts).text).toContain('Single documents do not wait');
  });

  it('says so where nothing is known that waits', () => {
    expect(stopMail({ ...integration, facts: {} }, { code: 'limit-day', sinceMs, untilMs }, []).text).toContain('What waits\n  No record that is known;');
  });
});

describe('the mail about a stop that needs a person', () => {
  it('says so in its subject, and what to do', () => {
    const { subject, text } = stopMail(integration, { code: 'authorization-revoked', sinceMs, untilMs: null }, []);
    expect(subject).toBe('Bookbridge: Zoë Rentals, hector, has stopped and needs you');
    expect(text).toContain('Goes on       as soon as you have acted\n');
    expect(text).toContain(errorTable['authorization-revoked'].remedy);
  });
});
