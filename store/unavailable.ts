/**
 * The database does not answer, or can do nothing more: it was stopped, its disk is full, its file may not be written to. Nobody asked for
 * anything wrong, so the same may be asked again. A wrong statement or a broken constraint is no such error.
 */
export class DatabaseUnavailable extends Error {
  /** In the database's own words. */
  readonly reason: string;

  constructor(cause: unknown) {
    const reason = reasonOf(cause);
    super(`The database cannot be used: ${reason}`, { cause });
    this.name = 'DatabaseUnavailable';
    this.reason = reason;
  }
}

/**
 * What a driver is asked for, with one error for every way in which its database can be unavailable.
 *
 * @param isUnavailable whether an error of this driver says so
 */
export async function sayingUnavailable<T>(isUnavailable: (error: unknown) => boolean, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isUnavailable(error) ? new DatabaseUnavailable(error) : error;
  }
}

function reasonOf(error: unknown): string {
  // Where a name has several addresses, each has a reason of its own.
  if (error instanceof AggregateError && error.errors.length > 0) return [...new Set(error.errors.map(reasonOf))].join(', ');
  return error instanceof Error ? error.message : String(error);
}
