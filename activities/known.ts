import type { Known } from '../integrations/integration.ts';

/** Where nothing is asked of other records. */
export const nothingKnown: Known = { link: () => null, data: () => null, all: () => [] };
