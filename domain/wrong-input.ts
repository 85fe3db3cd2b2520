import type { z } from 'zod';
import { BookbridgeError, type Problem } from './errors.ts';

/** What a person entered that cannot be used, in their words instead of the library's. */

const kinds: Readonly<Record<string, string>> = {
  string: 'a text', number: 'a number', int: 'a whole number', boolean: 'true or false', array: 'a list', object: 'an object', record: 'an object',
};

/** How zod is to say what is wrong, where the schema says nothing itself; undefined leaves it to zod. */
export const inPlainWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined) return 'is missing';
  if (issue.code === 'invalid_type') return `must be ${kinds[issue.expected] ?? issue.expected}`;
  if (issue.code === 'invalid_value') return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map(String).join(', ')}`;
  if (issue.code === 'invalid_format' && issue.format === 'url') return 'must be an address such as https://example.com';
  if (issue.code === 'too_small') return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
  if (issue.code === 'too_big') return `must be ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}`;
  return undefined;
};

export type WrongField = Pick<Problem, 'field' | 'detail' | 'remedy'>;

/**
 * @param error found with {@link inPlainWords}
 * @param remedyOf what to do about a field, by its path; an unknown one is known by no schema
 */
export function wrongFields(error: z.ZodError, remedyOf: (path: readonly PropertyKey[], isUnknown: boolean) => string): WrongField[] {
  return error.issues.flatMap((issue) => {
    const isUnknown = issue.code === 'unrecognized_keys';
    const paths = isUnknown ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
    return paths.map((path) => ({ field: path.join('.'), detail: isUnknown ? 'is not known' : issue.message, remedy: remedyOf(path, isUnknown) }));
  });
}

/** All of it as one error. */
export function wrongInput(fields: readonly WrongField[]): BookbridgeError {
  return new BookbridgeError('settings-invalid', {
    detail: fields.map(({ field, detail }) => `${field}: ${detail}`).join('; '),
    problems: fields.map((field) => ({ ...field, code: 'settings-invalid', severity: 'error' })),
  });
}
