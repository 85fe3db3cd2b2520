import { integrationOf } from '../../integrations/registry.ts';
import { systemTitle } from '../../domain/systems.ts';
import type { Integration } from '../../store/types.ts';
import { chooseIntegration, moduleNames } from '../choose.ts';
import { openLocal } from '../open.ts';
import { grid, print } from '../print.ts';
import type { RecordsOptions } from '../program.ts';
import { listRecords, recordStates, type RecordRow } from '../records.ts';
import { expectOneOf } from '../suggest.ts';

/** Shows the records of a module, each with what was made of it on the other side. */
export async function records(moduleName: string, options: RecordsOptions): Promise<void> {
  const local = await openLocal(process.env, { create: false });
  try {
    const integration = await chooseIntegration(local, options);
    const module = expectOneOf('module', moduleName, moduleNames(integration));
    const state = options.state === undefined ? undefined : expectOneOf('state', options.state, recordStates);
    const { records: rows, next } = await listRecords(local, integration, { module, state, limit: options.limit, after: options.after, refresh: options.refresh });
    print(options.json, { integration: integration.id, module, records: rows, next }, () => describe(integration, rows, next));
  } finally {
    await local.close();
  }
}

function describe({ kind }: Integration, rows: readonly RecordRow[], next: string | null): string {
  if (rows.length === 0) return 'There is no such record yet.';
  const partnerSystem = rows.every(({ side }) => side === 'other') ? 'Books' : rows.every(({ side }) => side === 'books') ? systemTitle(integrationOf(kind).otherSystem) : 'Partner';
  const columns = [
    { title: 'Record', fit: 'whole' }, { title: 'Name' }, { title: 'State', fit: 'whole' }, { title: 'Reason', fit: 'whole' }, { title: 'Amount', align: 'right' },
    { title: `In ${partnerSystem}`, fit: 'whole' }, { title: 'Status', fit: 'whole' },
  ] as const;
  const cells = rows.map(({ id, name, state, deleted, code, amount, currency, partner }) => [
    id, name, deleted ? `${state}, deleted` : state, code ?? '', [amount, currency].filter(Boolean).join(' '), partner ? (partner.number ?? partner.id) : '', partner?.status ?? '',
  ]);
  return [grid(columns, cells), ...(next === null ? [] : [`More: --after ${next}`])].join('\n');
}
