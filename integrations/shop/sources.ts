import type { OnRequest, Source } from '../integration.ts';
import { contextOf } from './settings.ts';

/** For so long the taxes and currencies of an organization are believed: they hardly ever change, and a retry has them read anew. */
const KEPT_FOR_MS = 6 * 60 * 60_000;

export const TAXES = { side: 'books', resource: 'taxes' } as const;
export const CURRENCIES = { side: 'books', resource: 'currencies' } as const;

/** A small listing of Books to choose from. */
export function keptBooks(resource: 'taxes' | 'currencies'): Source {
  return { side: 'books', resources: () => [resource], keptForMs: KEPT_FOR_MS };
}

/** Without automatic sending everything waits for a person. */
export const onCommand: OnRequest = {
  applies: (context) => !contextOf(context).settings.automaticSending,
  check: () => undefined,
};
