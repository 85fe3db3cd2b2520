import type { RemoteRecord, Resource } from '../connectors/resource.ts';
import { BookbridgeError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Flow, Module } from '../integrations/integration.ts';
import type { RecordResult, ReportFinding, StoredRecord } from '../store/reports.ts';
import type { Address, Finding } from '../store/types.ts';
import type { Deps } from './deps.ts';
import type { Session } from './session.ts';

/** What one direction of one module is compared with. */
export interface Comparison {
  readonly deps: Deps;
  readonly session: Session;
  readonly module: Module;
  readonly flow: Flow;
  readonly reportId: string;
  readonly everyField: boolean;
}

export interface Compared {
  readonly record: StoredRecord;
  /** Null where the record is not one that is carried over. */
  readonly result: RecordResult | null;
  readonly findings: readonly ReportFinding[];
}

/** What is wrong with one record, with what is known of it: all that `facts` leave out is empty. */
export function finding(module: Module, kind: ReportFinding['kind'], record: Address, facts: Partial<ReportFinding>): ReportFinding {
  return { module: module.name, kind, record: address(record), partner: null, missingIn: null, code: null, detail: '', differences: [], ...facts };
}

/** The address alone, of something that has more: findings are stored as they are. */
export function address({ side, resource, id }: Address): Address {
  return { side, resource, id };
}

/** A record of either side that could not be read, so that nothing can be said of it. */
export function unreadable(module: Module, record: Address, detail: string): ReportFinding {
  return { module: module.name, kind: 'unreadable', record, partner: null, missingIn: null, code: 'record-unreadable', detail, differences: [] };
}

/**
 * Asks for one record of the side that is carried away from. What came inside another one cannot be asked for, and is as it came.
 *
 * @param data what was read of it
 */
export async function readSource({ session, flow }: Pick<Comparison, 'session' | 'flow'>, { resource, id }: Pick<Address, 'resource' | 'id'>, data: JsonObject): Promise<RemoteRecord | BookbridgeError | null> {
  if (flow.within && !flow.isReadWhole) return { id, modifiedAt: null, data };
  return readOne(session.connectors[flow.side].readable(resource), id);
}

/** Asks for one record by its id; what cannot be read is a finding, everything else stops the step. */
export async function readOne(resource: Resource, id: string): Promise<RemoteRecord | BookbridgeError | null> {
  try {
    return await resource.get(id);
  } catch (error) {
    if (error instanceof BookbridgeError && error.code === 'record-unreadable') return error;
    throw error;
  }
}

/**
 * What there is to say of a document whose record is to have none, which is what syncs say of it: nothing where it is gone, or nobody minds it. Costs a
 * call where somebody may.
 *
 * @param reason why the record is left out; null: it is gone
 */
export async function leftBehind({ session, flow, module }: Comparison, document: Address, reason: Finding | null, told: (stands: Finding) => ReportFinding): Promise<ReportFinding[]> {
  const look = flow.leftBehind?.(reason);
  const found = look ? await readOne(session.connectors[document.side].readable(document.resource), document.id) : null;
  if (found instanceof BookbridgeError) return [unreadable(module, address(document), found.detail)];
  const stands = found && look?.(found);
  return stands ? [told(stands)] : [];
}
