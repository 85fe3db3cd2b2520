import { chooseIntegration, expectModule } from '../choose.ts';
import { historyDocument } from '../history-document.ts';
import { openLocal } from '../open.ts';
import { grid, print } from '../print.ts';
import type { HistoryOptions } from '../program.ts';
import { stamp } from '../time.ts';

/** Under this module stand the stops of the integration itself. */
const STOPS = 'integration';

/** The sync history, newest first. */
export async function history(options: HistoryOptions): Promise<void> {
  const local = await openLocal(process.env, { create: false });
  try {
    const integration = await chooseIntegration(local, options);
    const module = options.module === STOPS ? STOPS : expectModule(integration, options.module);
    const entries = await local.store.operations.history(integration.id, { module, recordId: options.record, limit: options.limit });
    print(options.json, { integration: integration.id, history: entries.map(historyDocument) }, () => {
      if (entries.length === 0) return options.record === undefined && module === undefined ? 'Nothing has happened yet.' : 'Nothing of this kind has happened yet.';
      const columns = [
        { title: 'When', fit: 'whole' }, { title: 'Module' }, { title: 'Record', fit: 'whole' }, { title: 'Outcome', fit: 'whole' }, { title: 'Why', fit: 'wrapped' },
      ] as const;
      const rows = entries.map(({ atMs, recordId, outcome, code, detail, ...entry }) => [stamp(atMs), entry.module, recordId, outcome, [code, detail].filter(Boolean).join(': ')]);
      const more = entries.length === options.limit ? `\nThe last ${options.limit}. See more with --limit.` : '';
      return `${grid(columns, rows)}${more}`;
    });
  } finally {
    await local.close();
  }
}
