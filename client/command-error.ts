/** What the shell is told. docs/operations.md has the same list. */
export const exitCodes = {
  ok: 0,
  /** A run failed, or the record that was asked for did. */
  failed: 1,
  /** A wrong command, option, variable or setting. */
  usage: 2,
  /** Temporal or the store does not answer. */
  unreachable: 3,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

interface CommandFacts {
  readonly exit: ExitCode;
  readonly remedy: string;
  readonly cause?: unknown;
}

/** Something a person did wrong or must look at, in their words. */
export class CommandError extends Error {
  readonly exit: ExitCode;
  readonly remedy: string;

  constructor(message: string, { exit, remedy, cause }: CommandFacts) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'CommandError';
    this.exit = exit;
    this.remedy = remedy;
  }
}

/** What is told of a wrong command, option or setting: it ends with 2. */
export function usageError(message: string, remedy: string): CommandError {
  return new CommandError(message, { exit: exitCodes.usage, remedy });
}
