import { describe, expect, it } from 'vitest';
import { stopMail } from '../../activities/stop-mail.ts';
import { errorTable } from '../../domain/errors.ts';
import type { ChangeCount } from '../../store/operations.ts';

const integration = { id: 'hector', organizationId: '10234695', facts: { name: 'Zoë\nRentals' } };
const sinceMs = Date.UTC(2026, 2, 1, 14, 5);
const untilMs = Date.UTC(2026, 2, 2);
const count = (module: string, state: ChangeCount['state'], records: number): ChangeCount => ({ module, state, code: null, count: records, dueMs: { first: 0, last: 0 } });
const counts = [count('customers', 'pending', 1_240), count('loaners', 'pending', 1), count('loaners', 'waiting', 2), count('items', 'skipped', 9), count('items', 'failed', 1)];

describe('the mail about a limit', () => {
  const { subject, text } = stopMail(integration, { code: 'limit-day', sinceMs, untilMs }, counts);

  it('names integration and end in its subject', () => {
    expect(subject).toBe('Bookbridge: hector waits until 2026-03-02 00:00 UTC');
  });

  it('says which organization, why, since when and until when', () => {
    expect(text.split('\n')).toEqual(expect.arrayContaining([
      'Organization  Zoë Rentals (10234695) in Zoho Books',
      `Why           ${errorTable['limit-day'].what} (limit-day)`,
      'Since         2026-03-01 14:05 UTC',
      'Goes on       by itself, at 2026-03-02 00:00 UTC at the earliest',
    ]));
  });

  it('counts what waits, module by module', () => {
    expect(text).toContain('What waits\n  customers  1,240 records\n  loaners    3 records\n');
    expect(text).not.toContain('items');
  });

  it('says what one can do', () => {
    expect(text).toContain(`What you can do\n  ${errorTable['limit-day'].remedy}\n  See where it stands: bookbridge status --integration hector\n`);
  });

  it('says that invoices go on where only the rest has to wait', () => {
    expect(text).not.toContain('Invoices do not wait');
    expect(stopMail(integration, { code: 'limit-share', sinceMs, untilMs }, counts).text).toContain('Invoices do not wait');
  });

  it('says so where nothing is known that waits', () => {
    expect(stopMail({ ...integration, facts: {} }, { code: 'limit-day', sinceMs, untilMs }, []).text).toContain('What waits\n  No record that is known;');
  });
});

describe('the mail about a stop that needs a person', () => {
  it('says so in its subject, and what to do', () => {
    const { subject, text } = stopMail(integration, { code: 'authorization-revoked', sinceMs, untilMs: null }, []);
    expect(subject).toBe('Bookbridge: hector has stopped and needs you');
    expect(text).toContain('Goes on       as soon as you have acted\n');
    expect(text).toContain(errorTable['authorization-revoked'].remedy);
  });
});
