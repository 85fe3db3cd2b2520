import type { Connector } from '../resource.ts';
import { createBooksCall, type BooksOptions } from './client.ts';
import { createResource } from './resource.ts';
import { shapes, type Shape } from './shapes.ts';
import { createWritableResource } from './writable.ts';

interface ZohoBooksOptions extends BooksOptions {
  /** API name of the custom field that carries our keys, for instance `cf_bookbridge_id`; it must refuse duplicates. */
  readonly uniqueField: string;
}

/**
 * Access to one organization of Zoho Books (https://www.zoho.com/books/api/v3/). Readable: organizations, contacts, items,
 * invoices, creditnotes, taxes, accounts, users, currencies; of these contacts, items, invoices and creditnotes are writable.
 */
export function createZohoBooks({ uniqueField, ...options }: ZohoBooksOptions): Connector {
  const call = createBooksCall(options);
  return {
    system: 'zoho-books',
    readable: (resource) => {
      const shape = shapeOf(resource);
      return shape.writable ? createWritableResource(call, shape, uniqueField) : createResource(call, shape, uniqueField);
    },
    writable: (resource) => {
      const shape = shapeOf(resource);
      if (!shape.writable) throw new Error(`Bookbridge does not write ${resource} of Zoho Books`);
      return createWritableResource(call, shape, uniqueField);
    },
  };
}

function shapeOf(resource: string): Shape {
  const shape = shapes[resource];
  if (!shape) throw new Error(`Zoho Books has no resource ${resource}`);
  return shape;
}
