import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes.js';
import type { NativeConnection } from '@temporalio/worker';
import { searchAttributes } from '../workflows/search-attributes.ts';

/**
 * Registers the search attributes that the namespace does not know yet: a workflow that sets an unknown one cannot go on.
 *
 * @throws Error naming them where the server does not let a worker register any (Temporal Cloud): do it by hand then
 */
export async function ensureSearchAttributes({ operatorService }: Pick<NativeConnection, 'operatorService'>, namespace: string): Promise<void> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing = Object.values(searchAttributes).filter(({ name }) => !(name in customAttributes));
  if (missing.length === 0) return;
  try {
    await operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.flatMap(({ name, type }) => {
        const encoded = encodeSearchAttributeIndexedValueType(type);
        return encoded === undefined ? [] : [[name, encoded]];
      })),
    });
  } catch (cause) {
    if (cause instanceof Error && /already exist/i.test(cause.message)) return;
    const names = missing.map(({ name, type }) => `${name} (${type})`).join(', ');
    throw new Error(`Namespace ${namespace} lacks search attributes, and they could not be added. Add them by hand: ${names}`, { cause });
  }
}
