import { ApplicationFailure, CancelledFailure, isGrpcServiceError, NamespaceNotFoundError, TerminatedFailure, WorkflowFailedError } from '@temporalio/client';
import { BookbridgeError, errorTable, type ErrorCode } from '../domain/errors.ts';
import { DatabaseUnavailable } from '../store/unavailable.ts';
import { CommandError, exitCodes, type ExitCode } from './command-error.ts';
import { explain } from './reasons.ts';
import { plainColumns, styled, type Output } from './terminal.ts';
import { plainText, wrapText } from './text-width.ts';
import { clock } from './time.ts';

export interface Problem {
  readonly exit: ExitCode;
  /** Code of the error table; null where it has none. */
  readonly code: string | null;
  readonly message: string;
  readonly remedy: string;
  /** Only of what nobody foresaw. */
  readonly stack: string | null;
}

/** Codes that the person at the terminal mends in the settings. */
const settingCodes: ReadonlySet<ErrorCode> = new Set(['settings-invalid', 'client-invalid', 'organization-unknown']);

/**
 * Writes an error as one clear line and its remedy; only what nobody foresaw comes with a stack.
 *
 * @returns the exit code
 */
export function reportProblem(error: unknown, { json, err }: { json: boolean; err: Output }): ExitCode {
  const { exit, code, message, remedy, stack } = problemOf(error);
  const problems = error instanceof BookbridgeError ? error.problems : [];
  if (json) err.write(`${JSON.stringify({ error: { code, message, remedy, exit, ...(problems.length > 0 && { problems }), ...(stack !== null && { stack }) } })}\n`);
  else err.write(`${styled(err, 'red', 'error:')} ${plainText(message)}${remedy === '' ? '' : ` ${plainText(remedy)}`}\n${linesOf(problems, err)}${stack === null ? '' : `${stack}\n`}`);
  return exit;
}

/** What is wrong, each with what to do, where it is more than one thing. */
function linesOf(problems: BookbridgeError['problems'], { columns = plainColumns }: Output): string {
  if (problems.length < 2) return '';
  return problems.map(({ field, detail, remedy }) => `${wrapText(plainText(`- ${field}: ${sentence(detail)} ${remedy}`), columns, '  ')}\n`).join('');
}

/** An error in words. */
export function problemOf(error: unknown): Problem {
  if (error instanceof CommandError) return { exit: error.exit, code: null, message: sentence(error.message), remedy: error.remedy, stack: null };
  if (error instanceof BookbridgeError) return ofBookbridge(error);
  if (error instanceof DatabaseUnavailable) return unreachable(sentence(error.message), 'See that it runs, that it may be written to, and that its disk is not full; what was under way goes on then.');
  if (error instanceof WorkflowFailedError) return ofRun(error);
  if (error instanceof NamespaceNotFoundError) {
    return unreachable(`Temporal has no namespace ${error.namespace}.`, 'Create it, or set TEMPORAL_NAMESPACE to one that exists.');
  }
  const grpc = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error;
  if (isGrpcServiceError(grpc)) return ofTemporal(grpc.details || grpc.message);
  if (error instanceof Error && error.name === 'TransportError') {
    return unreachable(`Temporal does not answer: ${error.message.split('\n')[0] ?? ''}.`, 'Start it, or set TEMPORAL_ADDRESS to where it is.');
  }
  const stack = error instanceof Error ? (error.stack ?? null) : null;
  return { exit: exitCodes.failed, code: null, message: 'Something happened that Bookbridge does not know.', remedy: 'Report it with these lines:', stack: stack ?? String(error) };
}

function ofTemporal(reason: string): Problem {
  if (/no mapping defined for search attribute/.test(reason)) return unreachable('Temporal does not know the search attributes of Bookbridge.', 'Start a worker anew, which registers them: bookbridge worker');
  return unreachable(`Temporal refused or did not answer: ${sentence(reason.replace(/ Resolution note: $/, ''))}`, 'Look at the Temporal server; what was under way goes on when it is back.');
}

function unreachable(message: string, remedy: string): Problem {
  return { exit: exitCodes.unreachable, code: null, message, remedy, stack: null };
}

function ofBookbridge(error: BookbridgeError): Problem {
  const { what, remedy: general } = errorTable[error.code];
  const [problem, ...others] = error.problems;
  const exit = settingCodes.has(error.code) ? exitCodes.usage : exitCodes.failed;
  if (others.length > 0) return { exit, code: error.code, message: `${error.problems.length} things are not as they must be, and nothing was done.`, remedy: 'Correct them, and start again:', stack: null };
  const remedy = problem?.remedy ?? repetition(error) ?? general;
  // A setting that is named needs no sentence about settings in general.
  const message = error.code === 'settings-invalid' ? sentence(error.detail) : `${what} ${sentence(error.detail)}`;
  return { exit, code: error.code, message, remedy, stack: null };
}

/** What a sync does by itself, whoever asked directly has to do: nothing is repeated for them. */
function repetition({ action, resumeAtMs }: BookbridgeError): string | null {
  if (action === 'wait' && resumeAtMs !== undefined) return `Repeat it after ${clock(resumeAtMs)}.`;
  return action === 'retry' ? 'Repeat it in a while. If that does not help, check the address of the system, and whether it answers.' : null;
}

function ofRun({ cause }: WorkflowFailedError): Problem {
  const base = { exit: exitCodes.failed, stack: null };
  if (cause instanceof CancelledFailure) return { ...base, code: null, message: 'The run was cancelled.', remedy: 'What it had not done, the next one does.' };
  if (cause instanceof TerminatedFailure) return { ...base, code: null, message: 'The run was terminated.', remedy: 'What it had not done, the next one does.' };
  if (cause instanceof ApplicationFailure) {
    // In Temporal's UI a failure has one text, which ends with the remedy.
    const { remedy } = explain(cause.type ?? null);
    const isInIt = remedy !== '' && cause.message.endsWith(` ${remedy}`);
    return { ...base, code: cause.type ?? null, message: `The run failed. ${isInIt ? cause.message.slice(0, -remedy.length - 1) : cause.message}`, remedy: isInIt ? remedy : '' };
  }
  return { ...base, code: null, message: `The run failed: ${cause?.message ?? 'Temporal does not say why'}.`, remedy: 'Its history in the Temporal UI says more.' };
}

function sentence(text: string): string {
  return /[.!?:]$/.test(text) ? text : `${text}.`;
}
