/**
 * The seeds of a test with chance: those of every run, or the one in `TEST_SEED`, which a test that failed prints.
 *
 * @param seeds the seeds of every run
 */
export function seedsOf(...seeds: readonly number[]): readonly number[] {
  const chosen = process.env['TEST_SEED'];
  return chosen === undefined ? seeds : [Number(chosen)];
}
