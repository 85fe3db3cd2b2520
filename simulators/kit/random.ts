/** A source of numbers in [0, 1) that repeats itself for the same seed, so that a run with faults can be run again. */
export type Random = () => number;

/**
 * Mulberry32: small, fast and good enough to scatter faults.
 *
 * @param seed any number; only its lower 32 bits count
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
