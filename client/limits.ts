import type { Limits } from '../store/types.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * Books' limits by plan (https://www.zoho.com/books/api/v3/introduction/, "API call limit"). An unknown plan gets the
 * smallest ones: Books itself says so when there are more.
 */
const callsPerDay: Readonly<Record<string, number>> = { free: 1000, standard: 2000, professional: 5000, premium: 10_000, elite: 10_000, ultimate: 10_000 };
const smallestDay = 1000;
const concurrentOfFree = 5;
const concurrentOfPaid = 10;

/** Bulk work leaves this part of the calls to invoices, so that an import of thousands never holds one up. */
const documentShare = { minute: 0.03, day: 0.1 };

type ChosenLimits = { readonly [Limit in 'minute' | 'day' | 'concurrent']?: Limits[Limit] | undefined };

/**
 * @param planName `plan_name` of the organization
 * @param chosen limits that replace those of the plan
 */
export function limitsOf(planName: string | null, chosen: ChosenLimits): Limits {
  const plan = planName?.trim().toLowerCase() ?? '';
  return {
    minute: { calls: 100, windowMs: MINUTE_MS },
    day: { calls: callsPerDay[plan] ?? smallestDay, windowMs: DAY_MS },
    concurrent: plan in callsPerDay && plan !== 'free' ? concurrentOfPaid : concurrentOfFree,
    documentShare,
    ...(chosen.minute && { minute: chosen.minute }),
    ...(chosen.day && { day: chosen.day }),
    ...(chosen.concurrent && { concurrent: chosen.concurrent }),
  };
}
