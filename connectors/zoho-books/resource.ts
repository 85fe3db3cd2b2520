import { z } from 'zod';
import { BookbridgeError } from '../../domain/errors.ts';
import type { ListRequest, Page, RemoteRecord, Resource } from '../resource.ts';
import type { BooksCall, BooksSuccess } from './client.ts';
import { filterTime } from './fields.ts';
import { isReadable, isUnreadable, readRecord } from './reading.ts';
import type { Shape } from './shapes.ts';

/** The largest page Books gives. Its default is 10 or 200, depending on the page of the documentation, so it is always sent. */
const pageSize = 200;

const pageTokenSchema = z.coerce.number().int().positive();
const contextSchema = z.looseObject({ has_more_page: z.boolean() });

/** One resource of Books, to read. */
export function createResource(call: BooksCall, shape: Shape, uniqueField: string): Resource {
  const { inOrganization } = shape;
  return {
    listing: shape.listing,
    list: async (request) => {
      const answer = await call({ method: 'GET', path: shape.path, inOrganization, query: inOrganization ? pageQuery(shape, request) : {} });
      return readPage(shape, answer, request, uniqueField);
    },
    get: async (id) => {
      try {
        const answer = await call({ method: 'GET', path: `${shape.path}/${encodeURIComponent(id)}`, inOrganization });
        return readOne(shape, answer, uniqueField, 'record-unreadable');
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
  };
}

function pageQuery(shape: Shape, { since, page }: ListRequest): Record<string, string> {
  const filter = since !== null && shape.listing === 'changed' ? { last_modified_time: filterTime(since) } : {};
  return { ...shape.order, ...filter, per_page: String(pageSize), page: String(pageNumber(page)) };
}

function pageNumber(page: string | null): number {
  return page === null ? 1 : pageTokenSchema.parse(page);
}

function readPage(shape: Shape, { body }: BooksSuccess, { page }: ListRequest, uniqueField: string): Page {
  const rows = z.array(z.unknown()).safeParse(body[shape.many]);
  if (!rows.success) throw new BookbridgeError('answer-unreadable', { detail: `Books answered GET ${shape.path} without ${shape.many}` });
  const read = rows.data.map((row) => readRecord(shape, row, uniqueField));
  // Some lists have no page_context; there a full page is taken as a sign of more.
  const context = contextSchema.safeParse(body['page_context']);
  const more = shape.inOrganization && (context.success ? context.data.has_more_page : rows.data.length === pageSize);
  return {
    records: read.filter(isReadable),
    unreadable: read.filter(isUnreadable),
    next: more ? String(pageNumber(page) + 1) : null,
  };
}

/** The single record of an answer: under its own key as a rule, as the only element of an array, or spread over the body. */
export function readOne(shape: Shape, { body }: BooksSuccess, uniqueField: string, otherwise: 'record-unreadable' | 'answer-unreadable'): RemoteRecord {
  const found: unknown = body[shape.one] ?? body;
  const record = readRecord(shape, Array.isArray(found) ? found[0] : found, uniqueField);
  if (isReadable(record)) return record;
  throw new BookbridgeError(otherwise, { detail: `${shape.one} ${record.id}: ${record.detail}` });
}

export function isMissing(error: unknown): error is BookbridgeError {
  return error instanceof BookbridgeError && error.code === 'record-missing';
}
