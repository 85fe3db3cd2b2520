import { ApplicationFailure } from '@temporalio/common';
import { ActivityFailure, ChildWorkflowFailure } from '@temporalio/workflow';
import { errorTable, type ErrorCode } from '../domain/errors.ts';

/** What failed, without Temporal's wrapping: a workflow that ends with it shows its code as type and its remedy as message. */
export function failureOf(error: unknown): unknown {
  const wrapped = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure;
  return wrapped && error.cause ? failureOf(error.cause) : error;
}

/** Whether nothing that goes through this connection can succeed before a person has acted. */
export function needsPersonForAll(error: unknown): boolean {
  return personCodeOf(error) !== null;
}

/** Why nothing that goes through this connection can succeed before a person has acted; null: it can. */
export function personCodeOf(error: unknown): ErrorCode | null {
  if (!(error instanceof ApplicationFailure) || !isErrorCode(error.type)) return null;
  const { scope, action } = errorTable[error.type];
  return scope === 'connection' && action === 'person' ? error.type : null;
}

function isErrorCode(type: string | undefined | null): type is ErrorCode {
  return typeof type === 'string' && Object.hasOwn(errorTable, type);
}
