import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { Context } from '@temporalio/activity';
import { BookbridgeError, type ErrorCode } from '../domain/errors.ts';
import { integrationOf } from '../integrations/registry.ts';
import type { Stop } from '../store/notices.ts';
import type { Integration as StoredIntegration } from '../store/types.ts';
import type { Deps } from './deps.ts';
import { stopMail, stopTimes } from './stop-mail.ts';

/** What a workflow tells of a stop. */
export interface StopNotice {
  readonly integrationId: string;
  readonly runId: string;
  readonly code: ErrorCode;
  /** Milliseconds since the epoch. */
  readonly sinceMs: number;
  /** When it goes on by itself, milliseconds since the epoch; null: when a person has acted. */
  readonly untilMs: number | null;
}

interface EndedStop {
  readonly integrationId: string;
  readonly codes: readonly ErrorCode[];
}

/** So often a mail server is tried; Temporal waits longer and longer in between, three minutes in all. */
export const MAIL_ATTEMPTS_MAX = 5;

/**
 * Tells a person by e-mail that an integration stands still, once for each stop however many workflows notice it. The
 * history keeps when it was and whether anybody was told. A mail server that fails is tried a few times and then left alone.
 */
export async function notifyStop(deps: Deps, { runId, ...notice }: StopNotice): Promise<void> {
  const { store } = deps;
  const stored = await find(deps, notice.integrationId);
  if (!stored) return;
  const { workflowExecution, activityId, attempt } = Context.current().info;
  const claimant = `${workflowExecution?.workflowId} ${workflowExecution?.runId} ${activityId}`;
  const stop = await store.notices.claim({ ...notice, kind: kindOf(notice.code) }, claimant, deps.noticeAfterMs);
  if (!stop) return;
  const told = await tell(deps, stored, stop, attempt >= MAIL_ATTEMPTS_MAX);
  await store.notices.settle(stop, { runId, detail: `${stopTimes(stored, stop)}; ${told}` });
}

/** Work goes on after stops for these reasons: the next one is another one. */
export async function endStop({ store }: Deps, { integrationId, codes }: EndedStop): Promise<void> {
  await store.notices.end(integrationId, [...new Set(codes.map(kindOf))]);
}

/**
 * All limits stop the same work, but the share of the documents: there only the rest waits, and when the documents have to
 * wait too that is news. Of what a person has to mend, each is a stop of its own.
 */
function kindOf(code: ErrorCode): string {
  return code.startsWith('limit-') && code !== 'limit-share' ? 'limit' : code;
}

async function find({ store }: Deps, integrationId: string): Promise<StoredIntegration | null> {
  try {
    return await store.integrations.get(integrationId);
  } catch (error) {
    if (error instanceof BookbridgeError) return null;
    throw error;
  }
}

/** @returns who was told, or why nobody was, for the history */
async function tell({ store, mail }: Deps, stored: StoredIntegration, stop: Stop, isLast: boolean): Promise<string> {
  const to = emailOf(stored);
  if (to === null) return 'nobody was told, because the settings have no Email';
  if (mail === null) return `${to} was not told, because SMTP_URL is not set`;
  const result = await mail({ to, id: `${stop.integrationId}.${stop.kind}.${stop.sinceMs}`, ...stopMail(stored, stop, await store.operations.counts(stored.id)) });
  if (result.sent) return `${to} was told by e-mail`;
  const reason = `${to} could not be told by e-mail: ${result.reason}`;
  if (result.final || isLast) return reason;
  throw ApplicationFailure.create({ type: 'mail-not-sent', message: reason, category: ApplicationFailureCategory.BENIGN });
}

function emailOf({ kind, settings, facts, id }: StoredIntegration): string | null {
  try {
    return integrationOf(kind).readContext(settings, facts, id).notifyEmail;
  } catch (error) {
    // Settings that cannot be read are a stop themselves, and nobody knows whom to tell.
    if (error instanceof BookbridgeError) return null;
    throw error;
  }
}
