import { z } from 'zod';

/** The settings that every integration has. */

export const organizationIdSetting = z.string().regex(/^\d+$/, 'must be the number shown under your name in Books');

/** Who is told when a limit stops the integration; empty: nobody. */
export const emailSetting = z.preprocess((value) => (value === '' || value === undefined ? null : value), z.email('must be an e-mail address').nullable()).default(null);

export const timeZoneSetting = z.string().refine(isTimeZone, 'must be the name of a time zone such as America/Toronto');

/** What must be known of the organization. */
export const factsSchema = z.object({ currencyCode: z.string(), digits: z.int().min(0) });

function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
