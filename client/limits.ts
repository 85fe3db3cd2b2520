import { z } from 'zod';
import type { JsonObject } from '../domain/json.ts';
import type { Integration, Limits } from '../store/types.ts';

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

/** Bulk work leaves this part of the calls to single documents, so that an import of thousands never holds one up. */
const documentShare = { minute: 0.03, day: 0.1 };

const callsSchema = z.strictObject({ calls: z.int().min(1), windowMs: z.int().min(1) });

/** Limits that replace those of the plan. */
export const chosenLimitsSchema = z.object({ minute: callsSchema, day: callsSchema, concurrent: z.int().min(1) }).partial();

/** What people choose about the calls of an organization. */
export const sharesSchema = z.object({
  /** Part of the organization's calls of a day that Bookbridge may use; others use the rest. */
  dailyShare: z.number().gt(0, 'must be more than 0 and at most 1').max(1, 'must be more than 0 and at most 1'),
  /** Part of those that only documents may use. */
  documentShare: z.number().min(0, 'must be from 0 to 0.9').max(0.9, 'must be from 0 to 0.9'),
}).partial();

const choiceSchema = chosenLimitsSchema.extend(sharesSchema.shape);

/** What the settings of an integration say about the calls of its organization. */
export type LimitChoice = z.output<typeof choiceSchema>;

/**
 * The limits of one organization of Books, which all its integrations share. Where their settings say different things, the one that leaves
 * the organization more counts: the smaller limit, the smaller share, and the larger share for documents.
 *
 * @param planName `plan_name` of the organization
 * @param choices what the settings of each of its integrations say
 */
export function limitsOf(planName: string | null, choices: readonly LimitChoice[]): Limits {
  const plan = planName?.trim().toLowerCase() ?? '';
  const day = strictest(choices.map((choice) => choice.day)) ?? { calls: callsPerDay[plan] ?? smallestDay, windowMs: DAY_MS };
  const share = least(choices.map((choice) => choice.dailyShare)) ?? 1;
  const kept = choices.flatMap((choice) => choice.documentShare ?? []);
  return {
    minute: strictest(choices.map((choice) => choice.minute)) ?? { calls: 100, windowMs: MINUTE_MS },
    day: share === 1 ? day : { calls: Math.max(1, Math.floor(day.calls * share)), windowMs: day.windowMs, of: day.calls },
    concurrent: least(choices.map((choice) => choice.concurrent)) ?? (plan in callsPerDay && plan !== 'free' ? concurrentOfPaid : concurrentOfFree),
    documentShare: kept.length === 0 ? documentShare : { ...documentShare, day: Math.max(...kept) },
  };
}

/** What the settings of an integration that is stored say about the calls of its organization. */
export function choiceOf({ facts }: Pick<Integration, 'facts'>): LimitChoice {
  return choiceSchema.catch({}).parse(facts['limits'] ?? {});
}

/** The same, as it is stored among the facts of the integration. */
export function storedChoice(choice: LimitChoice): JsonObject {
  return JSON.parse(JSON.stringify(choice)) as JsonObject;
}

function strictest<Calls extends { readonly calls: number; readonly windowMs: number }>(all: readonly (Calls | undefined)[]): Calls | undefined {
  const perMs = ({ calls, windowMs }: Calls) => calls / windowMs;
  return all.filter((one) => one !== undefined).sort((left, right) => perMs(left) - perMs(right))[0];
}

function least(all: readonly (number | undefined)[]): number | undefined {
  return all.filter((one) => one !== undefined).sort((left, right) => left - right)[0];
}
