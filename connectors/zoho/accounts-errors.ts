import { z } from 'zod';
import { BookbridgeError, type ErrorCode } from '../../domain/errors.ts';
import type { Answer } from '../http.ts';

type Step = 'exchange' | 'refresh';

/**
 * What each error word of Zoho Accounts means, by step where that matters. The words are those of the OAuth page of the Books
 * API (https://www.zoho.com/books/api/v3/oauth/); "Access Denied" is the throttled token endpoint, described in Zoho's CRM
 * forum post Kaizen 43, and is not the `access_denied` of somebody who pressed Reject.
 */
const words: Readonly<Record<string, ErrorCode | Readonly<Record<Step, ErrorCode>>>> = {
  'Access Denied': 'limit-token',
  access_denied: 'authorization-refused',
  invalid_code: { exchange: 'authorization-refused', refresh: 'authorization-revoked' },
  invalid_client: 'client-invalid',
  invalid_client_secret: 'client-invalid',
  invalid_redirect_uri: 'settings-invalid',
  invalid_scope: 'settings-invalid',
};

/** Ten access tokens in ten minutes are allowed; then nothing until the window ends, which no answer says. */
const throttledForMs = 10 * 60_000;

const errorSchema = z.looseObject({ error: z.string(), error_description: z.string().optional() });
const partialGrantSchema = z.looseObject({ access_token: z.string().min(1) });

/**
 * Reads an answer of Zoho Accounts that is no success.
 *
 * @param answer the answer, whatever its status
 * @param nowMs milliseconds since the epoch
 */
export function accountsError(step: Step, answer: Answer, nowMs: number): BookbridgeError {
  const said = errorSchema.safeParse(answer.body);
  if (!said.success) return unexpected(step, answer);
  const { error, error_description: description } = said.data;
  const meaning = words[error];
  const code = typeof meaning === 'object' ? meaning[step] : (meaning ?? 'system-fault');
  const detail = `Zoho Accounts answered "${error}" to the ${step} step${description === undefined ? '' : `: ${description}`}`;
  return new BookbridgeError(code, { detail, ...(code === 'limit-token' && { resumeAtMs: nowMs + throttledForMs }) });
}

function unexpected(step: Step, answer: Answer): BookbridgeError {
  if (step === 'exchange' && partialGrantSchema.safeParse(answer.body).success) {
    return new BookbridgeError('authorization-refused', { detail: 'Zoho Accounts gave an access token but no refresh token' });
  }
  return new BookbridgeError('answer-unreadable', { detail: `Zoho Accounts answered the ${step} step with status ${answer.status} and no token` });
}
