import { z } from 'zod';
import { decimalSchema } from '../../../domain/money.ts';
import { invalidValue, tooLong } from './refusal.ts';

/** An id: text, or a number in some clients. */
export const idText = z.union([z.string(), z.number()]).transform(String);

/** A decimal; '' is as good as absent. */
export const amount = z.union([z.literal('').transform(() => undefined), decimalSchema]);

/** Text that may also come as a number; `characters` is the documented greatest length. */
export function text(characters: number) {
  return z.union([z.string(), z.number()]).transform(String).pipe(z.string().max(characters));
}

/** `true`, or the word. */
export const flag = z.union([z.boolean(), z.stringbool()]);

/**
 * Reads a body. Books names the field and nothing else.
 *
 * @throws BooksRefusal code 2, or the length that was exceeded
 */
export function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const field = issue?.path.findLast((part) => typeof part === 'string') ?? 'JSONString';
  if (issue?.code === 'too_big' && issue.origin === 'string') throw tooLong(field, Number(issue.maximum));
  throw invalidValue(field);
}
