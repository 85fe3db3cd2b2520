import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SearchAttributeType } from '@temporalio/common';
import type { SearchAttributeKey } from '@temporalio/common/lib/search-attributes.js';
import { z } from 'zod';

const keysSchema = z.object({
  searchAttributes: z.record(z.string(), z.object({
    name: z.string(),
    type: z.enum(['TEXT', 'KEYWORD', 'INT', 'DOUBLE', 'BOOL', 'DATETIME', 'KEYWORD_LIST']),
  })),
});

/**
 * The search attributes that the workflows set, to be registered before the first one runs: what
 * `workflows/search-attributes.ts` exports as `searchAttributes`, or none where there is no such file.
 */
export async function workflowSearchAttributes(): Promise<SearchAttributeKey<SearchAttributeType>[]> {
  const file = new URL('../workflows/search-attributes.ts', import.meta.url);
  if (!existsSync(fileURLToPath(file))) return [];
  const { searchAttributes } = keysSchema.parse(await import(file.href));
  return Object.values(searchAttributes);
}
