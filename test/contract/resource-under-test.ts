import type { Connector, RemoteRecord, Resource } from '../../connectors/resource.ts';
import { BookbridgeError, type ErrorCode } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { FaultKind } from '../../simulators/kit/faults.ts';

/** What is known of a resource before any test runs. */
export interface ResourceTraits {
  readonly listing: Resource['listing'];
  readonly writable: boolean;
  /** Records in a full page. */
  readonly pageSize: number;
  /** Whether `initial` of an upsert is left alone where the record is there already. */
  readonly keepsInitial?: boolean;
  /** Whether Bookbridge deletes records of this kind. */
  readonly removable?: boolean;
  /** Whether deletions are listed among the changes. */
  readonly listsDeletions?: boolean;
  /** How far apart two changes must be for the system to tell their times apart, milliseconds. 1 unless told. */
  readonly clockStepMs?: number;
}

/** One system with one resource to look at, fresh for each test. */
export interface ResourceUnderTest {
  readonly connector: Connector;
  readonly resourceName: string;
  /** Puts so many records into the system, past the connector, and tells their ids. */
  seed(count: number): Promise<readonly string[]>;
  /** Somebody changes a record in the system itself. Tells the fields of `data` by which a listing shows it. */
  touch(id: string): Promise<JsonObject>;
  /** Somebody deletes a record in the system itself. */
  remove(id: string): Promise<void>;
  /** Spoils a record so that the connector cannot read it. Left out where the system cannot be brought to it. */
  spoil?(id: string): Promise<void>;
  /** Makes every API call fail in this way from now on, or only the next `times`. */
  inject(kind: FaultKind, times?: number): Promise<void>;
  /** API calls the system has seen. */
  calls(): Promise<number>;
  close(): Promise<void>;
  /** For writable resources: the fields of record number `n`, in the names of the system's API. */
  sampleFields?(n: number): JsonObject;
  /** For writable resources: fields to change, in the names of the system's API, and how `data` shows them. */
  readonly change?: { readonly fields: JsonObject; readonly shown: JsonObject };
  /** Where `initial` is kept: two different values for it, and how `data` shows the first. */
  readonly initial?: { readonly first: JsonObject; readonly second: JsonObject; readonly shown: JsonObject };
  /** Fields of `data` that any change may alter: times and the like. */
  readonly volatile?: readonly string[];
}

/** The system of the test that is running. */
export interface Context {
  readonly system: ResourceUnderTest;
  readonly resource: Resource;
  /** Calls that went through the gate. */
  passed: number;
  /** Limits the gate was told of. */
  readonly refused: string[];
}
export type Current = () => Context;

/** What each fault is to be called. */
export const faultCodes: readonly (readonly [FaultKind, ErrorCode])[] = [
  ['unauthorized', 'authorization-revoked'],
  ['limit-minute', 'limit-minute'],
  ['error-before', 'system-fault'],
  ['malformed', 'answer-unreadable'],
  ['html', 'answer-unreadable'],
  ['reset', 'system-unreachable'],
  ['lost-answer', 'system-unreachable'],
];

/** All pages, from the first or from `from`. */
export async function listAll(resource: Resource, since: string | null = null, from: string | null = null): Promise<RemoteRecord[]> {
  const records: RemoteRecord[] = [];
  let page = from;
  do {
    const listed = await resource.list({ since, page });
    records.push(...listed.records);
    page = listed.next;
  } while (page !== null);
  return records;
}

/** The error a call ends with; it must end with one. */
export async function failure(call: Promise<unknown>): Promise<BookbridgeError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof BookbridgeError) return error;
    throw error;
  }
  throw new Error('The call was to fail and did not.');
}

/** `data` without what any change may alter. */
export function lasting(data: JsonObject = {}, { volatile = [] }: ResourceUnderTest): JsonObject {
  return Object.fromEntries(Object.entries(data).filter(([field]) => !volatile.includes(field)));
}
