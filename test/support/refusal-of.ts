import { BookbridgeError } from '../../domain/errors.ts';

/** The code and detail of the error that `work` throws. */
export function refusalOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof BookbridgeError) return error.message;
    throw error;
  }
  return 'no refusal';
}
