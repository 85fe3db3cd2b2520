import type { JsonObject } from '../../../domain/json.ts';
import type { Listing } from './listing.ts';
import type { ModuleName, Organization } from './organization.ts';
import type { BooksRecord } from './table.ts';

/** What a write is told besides the body. */
export interface WriteContext {
  readonly nowMs: number;
  readonly query: URLSearchParams;
  /** The id of a record to create; the next free one unless told. */
  readonly id?: string;
}

/** One kind of record that can be created, read, changed and deleted; the routes are made from this. */
export interface Module {
  readonly name: ModuleName;
  /** Key of one record in an answer: `contact`. */
  readonly singular: string;
  /** As in "Contact does not exist." */
  readonly kind: string;
  readonly messages: { readonly created: string; readonly updated: string; readonly deleted: string; readonly deletedMany: string };
  readonly listing: Listing;
  /** What a record cannot be created without. */
  readonly required: readonly string[];
  /**
   * Creates a record, or changes `before`, from a body; nothing is stored when it throws.
   *
   * @throws BooksRefusal
   */
  save(organization: Organization, body: unknown, before: BooksRecord | undefined, context: WriteContext): BooksRecord;
  /** @throws BooksRefusal where the record is in use. */
  remove(organization: Organization, record: BooksRecord): void;
  /** The record as it is answered alone, whole. */
  detail(organization: Organization, record: BooksRecord): JsonObject;
}
