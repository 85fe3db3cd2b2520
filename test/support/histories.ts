import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';

type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;
type HistoryEvent = NonNullable<History['events']>[number];

export async function eventsOf(temporal: Client, workflowId: string, runId?: string): Promise<readonly HistoryEvent[]> {
  const { events } = await temporal.workflow.getHandle(workflowId, runId).fetchHistory();
  return events ?? [];
}

/** All that stands in the history of a workflow, payloads in clear text. */
export async function textOfHistory(temporal: Client, workflowId: string): Promise<string> {
  return JSON.stringify(await eventsOf(temporal, workflowId), (key, value: unknown) => (key === 'data' && typeof value === 'string' ? Buffer.from(value, 'base64').toString() : value));
}

/** What Temporal's UI shows for each timer. */
export function timerSummaries(events: readonly HistoryEvent[]): string[] {
  return events.flatMap(({ timerStartedEventAttributes: timer, userMetadata }) => {
    if (!timer) return [];
    const summary = userMetadata?.summary;
    return [summary ? defaultPayloadConverter.fromPayload<string>(summary) : ''];
  });
}

/** For how long each timer was set. */
export function timersMs(events: readonly HistoryEvent[]): number[] {
  return events.flatMap(({ timerStartedEventAttributes: timer }) => (timer ? [optionalTsToMs(timer.startToFireTimeout) ?? 0] : []));
}

/** What Temporal counts, and charges for: the start, activities, timers, search attributes, children (their own start included). */
export function countActions(events: readonly HistoryEvent[]): number {
  return events.filter((event) =>
    event.workflowExecutionStartedEventAttributes ?? event.activityTaskScheduledEventAttributes ?? event.timerStartedEventAttributes
    ?? event.upsertWorkflowSearchAttributesEventAttributes ?? event.startChildWorkflowExecutionInitiatedEventAttributes).length;
}
