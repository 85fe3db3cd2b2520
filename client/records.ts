import type { RemoteRecord } from '../connectors/resource.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Flow, IntegrationContext } from '../integrations/integration.ts';
import { decimal, usualDigits } from '../domain/money.ts';
import { integrationOf } from '../integrations/registry.ts';
import type { OverviewRecord } from '../store/overview.ts';
import { otherSide, type ChangeState, type Integration, type Side } from '../store/types.ts';
import { usageError } from './command-error.ts';
import type { Local } from './open.ts';
import { refreshPartners } from './partners.ts';

export const recordStates = ['pending', 'done', 'observed', 'skipped', 'waiting', 'failed', 'withdrawn'] as const satisfies readonly ChangeState[];

/** One record as a person sees it in a list. */
export interface RecordRow {
  readonly module: string;
  readonly side: Side;
  readonly resource: string;
  readonly id: string;
  /** What a person calls it, such as the number of an order; empty where it has no name. */
  readonly name: string;
  readonly state: ChangeState;
  /** Whether it is deleted where it comes from. */
  readonly deleted: boolean;
  /** Why it is in this state: a code of the error table. */
  readonly code: string | null;
  readonly detail: string;
  /** Decimal text; null where it has none. */
  readonly amount: string | null;
  readonly currency: string | null;
  /** What was made of it on the other side; null: nothing. */
  readonly partner: PartnerRow | null;
}

interface PartnerRow {
  readonly side: Side;
  readonly resource: string;
  readonly id: string;
  /** As it was seen last; null: it was never looked at, or has none. */
  readonly number: string | null;
  readonly status: string | null;
}

export interface RecordsRequest {
  readonly module: string;
  readonly state?: ChangeState | undefined;
  readonly limit: number;
  /** `next` of the page before; absent: from the newest. */
  readonly after?: string | undefined;
  /** Whether the other side is asked first how what is shown is there. */
  readonly refresh: boolean;
}

interface RecordPage {
  readonly records: readonly RecordRow[];
  /** Where the next page begins; null after the last. */
  readonly next: string | null;
}

interface StoredPage {
  readonly next: string | null;
  /** The records as they are stored. */
  readonly stored: readonly OverviewRecord[];
}

/**
 * The records of a module, the newest first, each with what was made of it.
 *
 * @throws CommandError where `after` is none of ours; BookbridgeError as the calls do that a refresh makes
 */
export async function listRecords(local: Pick<Local, 'store' | 'config'>, integration: Integration, request: RecordsRequest): Promise<RecordPage> {
  const page = await storedPage(local, integration, request);
  if (request.refresh) await refreshPartners(local, integration, page.stored);
  const { stored, next } = request.refresh ? await storedPage(local, integration, request) : page;
  return { records: stored.map(viewOf(integration, request.module).rowOf), next };
}

async function storedPage({ store }: Pick<Local, 'store'>, integration: Integration, request: RecordsRequest): Promise<StoredPage> {
  const { places, isShown } = viewOf(integration, request.module);
  const found: OverviewRecord[] = [];
  let after = positionOf(request.after);
  for (;;) {
    const wanted = request.limit + 1 - found.length;
    const page = await store.overview.list(integration.id, { places, state: request.state, after, limit: wanted });
    found.push(...page.filter(isShown));
    after = page.at(-1)?.changeId ?? null;
    if (page.length < wanted || found.length > request.limit) break;
  }
  const stored = found.slice(0, request.limit);
  const next = found.length > request.limit ? String(stored.at(-1)?.changeId) : null;
  return { stored, next };
}

/** Records of a module by their ids, those that there are. */
export async function recordsById({ store }: Pick<Local, 'store'>, integration: Integration, module: string, ids: readonly string[]): Promise<Pick<RecordPage, 'records'> & Pick<StoredPage, 'stored'>> {
  const { places, isShown, rowOf } = viewOf(integration, module);
  const stored = (await store.overview.at(integration.id, places, ids)).filter(isShown);
  return { records: stored.map(rowOf), stored };
}

/** How the records of one module are looked at. */
function viewOf({ id, kind, settings, facts }: Integration, name: string) {
  const definition = integrationOf(kind);
  const context = definition.readContext(settings, facts, id);
  const flows = definition.modules.find((module) => module.name === name)?.flows ?? [];
  const carried = flows.flatMap((flow) => flow.resources(context).map((resource) => ({ side: flow.side, resource, flow })));
  const flowOf = ({ side, resource }: Pick<OverviewRecord, 'side' | 'resource'>) => carried.find((one) => one.side === side && one.resource === resource)?.flow;
  return {
    places: carried.map(({ side, resource }) => ({ side, resource })),
    /** What came from the other side itself is shown there. */
    isShown: (record: OverviewRecord) => (record.deleted || !flowOf(record)?.onRequest?.refuses?.(remote(record), context, { link: record.link, isPartnerGone: record.partner?.deleted === true })),
    rowOf: (record: OverviewRecord) => rowOf(record, flowOf(record), context),
  };
}

function remote({ id, modifiedAt, data }: OverviewRecord): RemoteRecord {
  return { id, modifiedAt, data };
}

function rowOf(record: OverviewRecord, flow: Flow | undefined, context: IntegrationContext): RecordRow {
  const { module, side, resource, id, state, deleted, code, detail, data, link, partner } = record;
  const there = otherSide(side);
  const written = link?.base[there] ?? {};
  const seen = partner && !partner.deleted ? partner.data : {};
  const currency = firstText(data, currencyFields) ?? firstText(seen, currencyFields);
  const amount = amountIn(data) ?? amountIn(seen) ?? (Object.keys(written).length > 0 ? flow?.expected?.(written, data, context)?.total : null) ?? null;
  return {
    module, side, resource, id, state, deleted, code, detail,
    name: firstText(data, nameFields) ?? (flow ? nameOf(flow, written) : null) ?? '',
    amount: amount === null ? null : withCents(amount, currency), currency,
    partner: link && {
      side: there, resource: link[there].resource, id: link[there].id,
      number: firstText(partner?.data ?? {}, numberFields), status: partner?.deleted ? 'deleted' : firstText(partner?.data ?? {}, ['status']),
    },
  };
}

/** By what people tell records apart, in the words of the systems there are; the first that a record has. */
const nameFields = ['number', 'name', 'contact_name', 'description', 'email'];
const numberFields = ['invoice_number', 'creditnote_number', 'number', 'contact_name', 'name', 'description'];
const currencyFields = ['currency', 'currency_code'];

function nameOf({ matching, identifiedBy }: Flow, written: JsonObject): string | null {
  if (Object.keys(written).length === 0) return null;
  if (matching) return matching.nameOf(written);
  return identifiedBy === undefined ? null : firstText(written, [identifiedBy]);
}

function firstText(data: JsonObject, fields: readonly string[]): string | null {
  for (const field of fields) {
    const value = data[field];
    if (typeof value === 'string' && value !== '') return value;
  }
  return null;
}

function amountIn({ total }: JsonObject): string | null {
  return typeof total === 'string' || typeof total === 'number' ? String(total) : null;
}

/** With the decimal places that the currency has, and more only where there are more. */
function withCents(amount: string, currency: string | null): string {
  const value = decimal(amount);
  return currency === null ? value.toFixed() : value.toFixed(Math.max(usualDigits(currency), value.decimalPlaces()));
}

function positionOf(after: string | undefined): number | null {
  if (after === undefined) return null;
  if (!/^[1-9]\d{0,14}$/.test(after)) throw usageError(`"${after}" is no place in the list.`, 'Give what the list before ended with.');
  return Number(after);
}
