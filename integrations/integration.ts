import type { z } from 'zod';
import type { RemoteRecord } from '../connectors/resource.ts';
import { BookbridgeError } from '../domain/errors.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Address, Finding, Link, Side } from '../store/types.ts';

/**
 * What is synced, as data and pure functions. The engine (activities and workflows) knows only what stands in this file;
 * an integration says which modules it has and how a record of one side looks on the other.
 */
export interface Integration {
  readonly kind: string;
  /** The system on the other side, as its connector is called. */
  readonly otherSystem: string;
  /** In dependency order: what a module refers to stands before it. */
  readonly modules: readonly Module[];
  /** Records that must exist before the first module runs, such as the definition of an attribute. */
  prerequisites(context: IntegrationContext): readonly Prerequisite[];
  /** @throws BookbridgeError `settings-invalid` naming the field */
  readContext(settings: JsonObject, facts: JsonObject, integrationId: string): IntegrationContext;
}

export interface Prerequisite {
  readonly side: Side;
  readonly resource: string;
  readonly key: string;
  readonly fields: JsonObject;
}

/** The settings of the user and the facts of the organization, validated by the integration. */
export interface IntegrationContext {
  readonly integrationId: string;
  readonly settings: object;
  readonly organization: OrganizationFacts;
  /** Who is told by e-mail when the integration stands still; null: nobody. */
  readonly notifyEmail: string | null;
}

export interface OrganizationFacts {
  readonly currencyCode: string;
  /** Decimal places of the currency. */
  readonly digits: number;
}

export interface Module {
  readonly name: string;
  /** One flow for a one-way module, two for a two-way one: a flow carries records away from its side. */
  readonly flows: readonly Flow[];
  /** Resources that are read because other records refer to them, and never carried over by themselves. */
  readonly observes: readonly Source[];
  /** The workflow that carries one record of this module, where a person should see each one; null: in bulk. */
  readonly document: string | null;
}

export interface Source {
  readonly side: Side;
  /** The resources a module reads on that side with these settings. */
  resources(context: IntegrationContext): readonly string[];
}

export interface Flow extends Source {
  /** Says at once that a record is left out; null: it is to be carried over. */
  accept(record: RemoteRecord, context: IntegrationContext): Finding | null;
  /** The records a record refers to. */
  references(record: FlowRecord, context: IntegrationContext): readonly Reference[];
  /**
   * How the record looks on the other side. Pure.
   *
   * @throws BookbridgeError of scope `record` when it cannot be carried over
   */
  map(record: FlowRecord, known: Known, context: IntegrationContext): Mapped;
  /** Reads the partner before changing it and says why it may not be changed; absent: it always may. */
  readonly mayUpdate?: (partner: RemoteRecord) => Finding | null;
}

export interface FlowRecord extends Address {
  readonly data: JsonObject;
  /** The record's own link, where it was carried over before. */
  readonly link: Link | null;
}

export interface Reference extends Address {
  /** A required record must be linked first; an optional one may be missing. */
  readonly required: boolean;
}

/** What is stored about the records that were referred to. */
export interface Known {
  link(address: Address): Link | null;
  data(address: Address): JsonObject | null;
}

export type Mapped = Write | { readonly kind: 'skip'; readonly finding: Finding; readonly notes: readonly Finding[] };

export interface Write {
  readonly kind: 'write';
  readonly resource: string;
  /** The key by which the target system knows the record from its first attempt on. */
  readonly key: string;
  readonly fields: JsonObject;
  /** Only set on creation. */
  readonly initial: JsonObject;
  readonly notes: readonly Finding[];
  /** Of a document: what its lines add up to before tax, and the field in which the target system says so. */
  readonly expected: { readonly field: string; readonly total: string } | null;
}

/** Validates settings with a schema and names every wrong field. */
export function describeIssues(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.') || 'settings'}: ${issue.message}`).join('; ');
}

/**
 * Reads a stored record through a schema.
 *
 * @throws BookbridgeError `record-unreadable` naming every wrong field
 */
export function readRecord<T>(schema: z.ZodType<T>, data: JsonObject): T {
  const parsed = schema.safeParse(data);
  if (!parsed.success) throw new BookbridgeError('record-unreadable', { detail: describeIssues(parsed.error) });
  return parsed.data;
}
