import type { z } from 'zod';
import type { RemoteRecord } from '../connectors/resource.ts';
import { BookbridgeError } from '../domain/errors.ts';
import { allIssues } from '../domain/issues.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Address, Finding, Link, Side } from '../store/types.ts';
import type { Requirement } from './requirement.ts';

/**
 * What is synced, as data and pure functions. The engine (activities and workflows) knows only what stands in this file;
 * an integration says which modules it has and how a record of one side looks on the other.
 */
export interface Integration {
  readonly kind: string;
  /** The system on the other side, as its connector is called. */
  readonly otherSystem: string;
  /** What a person fills in, strict, so that a misspelt field is named instead of ignored. `organizationId` and `email` are among it. */
  readonly settingsSchema: z.ZodType<JsonObject>;
  /** Settings to begin with, and how the access to the other system looks, for a person to fill in. */
  readonly example: { readonly settings: JsonObject; readonly access: JsonObject };
  /** Seconds between two syncs where nobody chose. */
  readonly syncIntervalSeconds: number;
  /** What Bookbridge asks of Books to be allowed, such as `ZohoBooks.contacts.ALL`. */
  scopes(settings: JsonObject): readonly string[];
  /** In dependency order: what a module refers to stands before it. */
  readonly modules: readonly Module[];
  /**
   * What must be so in both systems before the integration is stored, in the order in which it is looked at.
   *
   * @param settings as {@link readContext} takes them
   */
  requirements(settings: JsonObject): readonly Requirement[];
  /** Records that must exist before the first module runs, such as the definition of an attribute. */
  prerequisites(context: IntegrationContext): readonly Prerequisite[];
  /** @throws BookbridgeError `settings-invalid` naming the field */
  readContext(settings: JsonObject, facts: JsonObject, integrationId: string): IntegrationContext;
}

export interface Prerequisite {
  readonly side: Side;
  readonly resource: string;
  readonly key: string;
  /** How it is made. Where it is there already it is the user's, and only what its lists of texts lack is added. */
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
  /** What carries one record of this module, where a person should see each one; null: in bulk. */
  readonly document: DocumentKind | null;
}

/** A record that is carried over by a workflow of its own. */
export interface DocumentKind {
  /** Name of the workflow. */
  readonly workflow: string;
  /** What is made of a record, for people and in the ids of workflows: `invoice`. */
  readonly makes: string;
}

export interface Source {
  readonly side: Side;
  /** The resources a module reads on that side with these settings. */
  resources(context: IntegrationContext): readonly string[];
  /**
   * From when its listings that know changes begin, ISO 8601: whatever changed before is nothing to do with these settings, and is not read even
   * by the first run. Absent or null: they begin at the beginning.
   */
  readonly since?: (context: IntegrationContext) => string | null;
  /**
   * A small listing that hardly ever changes, such as the taxes of an organization: listed only while something of the module is to be
   * carried over, and then believed for so many milliseconds, or until a person has something tried again. Absent: listed in every run.
   */
  readonly keptForMs?: number;
}

export interface Flow extends Source {
  /**
   * Its records come inside those of another resource of the same side, such as the buyer inside an order, and are written down with
   * them in one transaction. Absent: they have a listing of their own.
   */
  readonly within?: Within;
  /** What is carried over only where a person asks for it; absent: everything that is accepted. */
  readonly onRequest?: OnRequest;
  /** A listing, or the record they come within, does not show its records whole: each is read by its id before it is mapped. */
  readonly isReadWhole?: true;
  /** Small listings the mapping chooses from, such as the taxes of Books: `Known.all`. They are among those that a module observes. */
  readonly chooses?: readonly { readonly side: Side; readonly resource: string }[];
  /** The resources of the other side in which its records arrive. */
  readonly targets: readonly string[];
  /** The field by which a person tells the records that arrived apart, such as the reference of an invoice; absent: there is none. */
  readonly identifiedBy?: string;
  /** The field of what arrives that listings show and that refers to its record, though others may refer to it as well. Absent: there is none. */
  readonly reference?: string;
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
  /**
   * What a document comes to that was written and has not changed since. Pure; absent, or null: nothing is known of that.
   *
   * @param fields as they were written
   * @param source the record that it was made of, as a listing, or the record around it, shows it
   */
  readonly expected?: (fields: JsonObject, source: JsonObject, context: IntegrationContext) => Expected | null;
  /**
   * Reads the partner before changing it and says why it may not be changed; absent: it always may.
   *
   * @param changed the fields that would be written; none where it stood although its record was left out, and is to stand for it again
   * @param base the fields as they were after the last sync; empty where nobody knows
   */
  readonly mayUpdate?: (partner: RemoteRecord, changed: JsonObject, base: JsonObject) => Finding | null;
  /**
   * How a document is looked at whose record is left out by now, or deleted (without a reason): what is wrong where it stands, and null where
   * nobody minds it, such as a void one. Null instead: nobody minds for that reason, and it is not read. Absent: nobody ever minds.
   */
  readonly leftBehind?: (reason: Finding | null) => ((document: RemoteRecord) => Finding | null) | null;
  /** Reads the partner before a person has it deleted and says why it may not be; absent: a partner is never deleted. */
  readonly mayDelete?: (partner: RemoteRecord) => Finding | null;
  /** How records that are in the target system already are found; absent: by the key only. */
  readonly matching?: Matching;
  /**
   * Completes what is to be written to a partner where the target system replaces a field that only partly comes from here,
   * such as a list of persons of whom one is ours. Pure; absent: fields are written as they are mapped.
   *
   * @param changed the fields to write
   * @param partner what is known of the partner: the whole record, or what a listing shows of it; null: nothing
   * @returns null where the whole record is needed, which is one more call
   */
  readonly complete?: (changed: JsonObject, partner: { readonly data: JsonObject; readonly isWhole: boolean } | null) => JsonObject | null;
}

export interface Within {
  /** The module to which the outer record belongs, and its resource. */
  readonly module: string;
  readonly resource: string;
  /**
   * What is inside a record. Pure; an id that comes twice, from the same or from another record, is the same record. It comes from records
   * that are left out as well: what is to be carried over only with them is inside only of those that are not.
   */
  records(outer: RemoteRecord, context: IntegrationContext): readonly RemoteRecord[];
}

export interface OnRequest {
  /** Whether these settings leave it to a person; otherwise its records are carried over like any others. */
  applies(context: IntegrationContext): boolean;
  /** @throws BookbridgeError `settings-invalid` where the settings do not allow it even then */
  check(context: IntegrationContext): void;
  /** Says why a record is not carried over even where a person asks for it, and is not worth showing before that; absent: what is accepted is carried. */
  readonly refuses?: (record: RemoteRecord, context: IntegrationContext, standing: RequestedStanding) => Finding | null;
}

/** What became of a record that a person asks for. */
export interface RequestedStanding {
  /** Null: it was not carried over yet. */
  readonly link: Link | null;
  /** Whether what was made of it is known to be gone: then it is made anew. */
  readonly isPartnerGone: boolean;
}

/**
 * By what records of the target system that nobody has linked yet are found to be the same. A record is linked with the one that shares
 * most with it, and left to a person where two share as much.
 */
export interface Matching {
  /** The resource of the target side that is listed once to be matched with. */
  readonly resource: string;
  /** By what a record is found, from the fields it is mapped to without its references. */
  keysOf(fields: JsonObject): readonly MatchKey[];
  /** By what a record of the target side is found; empty: it is never a partner. */
  keysOfPartner(partner: JsonObject, context: Pick<IntegrationContext, 'organization'>): readonly MatchKey[];
  /** What a person calls a record, from its fields on the target side. */
  nameOf(fields: JsonObject): string;
  /** Fields of a record that was found which stay as they are there, such as the name that the bookkeeper gave it; absent: none. */
  readonly keeps?: readonly string[];
}

export interface MatchKey {
  /** For a person, such as `e-mail`. */
  readonly kind: string;
  /** In the form in which it is compared. */
  readonly value: string;
}

export interface FlowRecord extends Address {
  readonly data: JsonObject;
  /** The record's own link, where it was carried over before. */
  readonly link: Link | null;
}

export interface Reference extends Address {
  /** A required record must be linked first; an optional one may be missing. */
  readonly required: boolean;
  /** The mapping needs what its partner holds: that is read by its id where no listing has brought it yet. */
  readonly needsPartner?: true;
}

/** What is stored about the records that were referred to. */
export interface Known {
  link(address: Address): Link | null;
  data(address: Address): JsonObject | null;
  /** Whether a record of the target system that is referred to, or a partner that the mapping needs, is known to be deleted; what was known of it still is. */
  isGone(address: Address): boolean;
  /** Every record of a listing that the flow chooses from. */
  all(side: Side, resource: string): readonly { readonly id: string; readonly data: JsonObject }[];
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
  readonly expected: Expected | null;
  /** Laid over the fields where the name belongs to another record already; absent: a person decides what it is to be called. */
  readonly whenNameIsTaken?: JsonObject;
}

/** What a document comes to, such as its lines before tax, and the field in which the target system says so. */
export interface Expected {
  readonly field: string;
  /** Decimal text. */
  readonly total: string;
  /** The currency it was reckoned in, and the field in which the target system says which one the document has; absent: it was sent. */
  readonly currency?: { readonly field: string; readonly code: string };
}

/** The key by which the target system knows a record of another one. */
export function recordKey(integrationId: string, { resource, id }: Pick<Address, 'resource' | 'id'>): string {
  return `${integrationId}:${resource}:${id}`;
}

/** The record a key was made of; null where this integration did not make it. */
export function readRecordKey(integrationId: string, key: string): { resource: string; id: string } | null {
  const [owner, resource = '', ...id] = key.split(':');
  return owner === integrationId && id.length > 0 ? { resource, id: id.join(':') } : null;
}

/**
 * Reads a stored record through a schema.
 *
 * @throws BookbridgeError `record-unreadable` naming every wrong field
 */
export function readRecord<T>(schema: z.ZodType<T>, data: JsonObject): T {
  const parsed = schema.safeParse(data);
  if (!parsed.success) throw new BookbridgeError('record-unreadable', { detail: allIssues(parsed.error) });
  return parsed.data;
}
