import { usageError } from './command-error.ts';

const DISTANCE_MAX = 3;

/**
 * Finds what somebody meant to type.
 *
 * @returns the nearest of the candidates, or null where none is near
 */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const ranked = candidates.map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }));
  const [best] = ranked.sort((left, right) => left.distance - right.distance);
  return best && best.distance <= Math.min(DISTANCE_MAX, Math.ceil(best.candidate.length / 2)) ? best.candidate : null;
}

/**
 * @param what what kind of word it is, e.g. "module"
 * @throws CommandError naming the right word where the given one is none of the candidates
 */
export function expectOneOf<T extends string>(what: string, word: string, candidates: readonly T[]): T {
  const found = candidates.find((candidate) => candidate === word);
  if (found !== undefined) return found;
  const meant = nearest(word, candidates);
  throw usageError(`There is no ${what} "${word}".`, `${meant === null ? '' : `Did you mean ${meant}? `}There ${candidates.length === 1 ? 'is' : 'are'}: ${candidates.join(', ')}.`);
}

/** Letters to insert, drop, replace or swap with a neighbour. */
function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const here = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      const swapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      here.push(Math.min(
        (here[column - 1] ?? 0) + 1, (last[column] ?? 0) + 1, (last[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (beforeLast[column - 2] ?? Infinity) + 1 : Infinity,
      ));
    }
    beforeLast = last;
    last = here;
  }
  return last[right.length] ?? 0;
}
