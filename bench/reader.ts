/**
 * Loaded into a worker before it starts (`node --import`), where a benchmark needs what no integration does yet: it adds modules that only
 * read to the integration, in the engine's own words, as anybody would write them. Everything else is worker/main.ts as it is.
 */
import { hector } from '../integrations/hector/index.ts';
import type { Module } from '../integrations/integration.ts';

/** Keeps a copy of a resource of Books. */
function copyOf(resource: string): Module {
  return { name: `read-${resource}`, flows: [], observes: [{ side: 'books', resources: () => [resource] }], document: null };
}

Object.assign(hector, { modules: [...hector.modules, copyOf('invoices'), copyOf('contacts')] });
