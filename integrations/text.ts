import { BookbridgeError } from '../domain/errors.ts';

/**
 * Text on its way from one system to the other. It is plain text: HTML, emoji and right-to-left text stay as they are. Only
 * control characters go, which no page shows and which a ledger should not carry.
 */

/** One line: breaks and tabs become a blank, other control characters vanish, blanks at both ends too. */
export function lineOf(text: string | null): string {
  return withoutControls((text ?? '').replaceAll(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, ' ')).trim();
}

/** Several lines: breaks and tabs stay. What is longer than `lengthMax` is cut, never through the middle of a character. */
export function paragraphOf(text: string | null, lengthMax: number): string {
  const whole = withoutControls((text ?? '').replaceAll(/\r\n?/g, '\n')).trim();
  return whole.length <= lengthMax ? whole : whole.slice(0, lengthMax).replace(/[\uD800-\uDBFF]$/, '');
}

/**
 * One line that the target system refuses when it is too long. A name or an address is not cut: a person has to say how.
 *
 * @param field name of the field in the system it comes from, for the message
 * @param lengthMax greatest length in Books
 * @throws BookbridgeError `value-invalid` naming the field
 */
export function shortLineOf(field: string, text: string | null, lengthMax: number): string {
  const line = lineOf(text);
  if (line.length <= lengthMax) return line;
  throw new BookbridgeError('value-invalid', { detail: `${field}: has ${line.length} characters, Books takes ${lengthMax}` });
}

const controls = /[^\P{Cc}\t\n]/gu;

/** Half a surrogate pair becomes U+FFFD, because it is no character at all. */
function withoutControls(text: string): string {
  return text.toWellFormed().replaceAll(controls, '');
}
