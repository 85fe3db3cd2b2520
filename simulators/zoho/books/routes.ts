import type { JsonObject } from '../../../domain/json.ts';
import { header, jsonBody, type Reply } from '../../kit/call.ts';
import { contacts } from './contacts.ts';
import { addPerson, changePerson, findPerson, personsOf, removePerson } from './contact-persons.ts';
import { uniqueValue } from './custom-fields.ts';
import { isObject } from './fields.ts';
import { changeCreditnoteStatus, creditnotes, creditnoteStatuses } from './creditnotes.ts';
import { changeInvoiceStatus, invoices, invoiceStatuses } from './invoices.ts';
import { items } from './items.ts';
import { list, pageOf } from './listing.ts';
import type { Module } from './module.ts';
import { BooksRefusal, invalidValue, missingValue, notFound, notJson } from './refusal.ts';
import { done, type BooksCall, type BooksRoute } from './route.ts';
import { settlementRoutes } from './settlement-routes.ts';
import { settingsChangeRoutes } from './settings-changes.ts';
import { settingsRoutes } from './settings.ts';
import type { BooksRecord } from './table.ts';

export const modules: readonly Module[] = [contacts, items, invoices, creditnotes];

/** Every route of Books that works on one organization. */
export function booksRoutes(): BooksRoute[] {
  return [...settingsRoutes(), ...settingsChangeRoutes(), ...personRoutes(), ...actionRoutes(), ...settlementRoutes(), ...modules.flatMap(moduleRoutes)];
}

/** Runs a handler; a refusal becomes its answer. */
export function answer(route: BooksRoute, call: BooksCall): Reply {
  const key = header(call.call, 'x-unique-identifier-value');
  try {
    const reply = route.handle(call);
    return key === undefined ? reply : { ...reply, key };
  } catch (error) {
    if (!(error instanceof BooksRefusal)) throw error;
    return key === undefined ? error.reply : { ...error.reply, key };
  }
}

function moduleRoutes(module: Module): BooksRoute[] {
  const { name, messages } = module;
  return [
    { method: 'GET', path: `/${name}`, handle: (call) => listRecords(module, call) },
    { method: 'POST', path: `/${name}`, handle: (call) => created(module, call, module.save(call.organization, body(call), undefined, contextOf(call))) },
    { method: 'PUT', path: `/${name}`, handle: (call) => upsert(module, call) },
    {
      method: 'DELETE',
      path: `/${name}`,
      handle: (call) => {
        const ids = (call.call.query.get(`${module.singular}_ids`) ?? '').split(',').filter((id) => id !== '');
        if (ids.length === 0) throw missingValue(`${module.singular}_ids`);
        for (const record of ids.map((id) => recordOf(module, call, id))) module.remove(call.organization, record);
        return done({}, messages.deletedMany);
      },
    },
    { method: 'GET', path: `/${name}/:id`, handle: (call) => done({ [module.singular]: module.detail(call.organization, recordOf(module, call)) }) },
    { method: 'PUT', path: `/${name}/:id`, handle: (call) => updated(module, call, recordOf(module, call)) },
    {
      method: 'DELETE',
      path: `/${name}/:id`,
      handle: (call) => {
        module.remove(call.organization, recordOf(module, call));
        return done({}, messages.deleted);
      },
    },
    {
      method: 'PUT',
      path: `/${module.singular}/:id/customfields`,
      handle: (call) => {
        const given: unknown = jsonBody(call.call);
        const record = module.save(call.organization, { custom_fields: given }, recordOf(module, call), contextOf(call));
        const { custom_fields: fields } = module.detail(call.organization, record);
        return done({ custom_fields: fields ?? [] }, 'Custom Fields Updated Successfully');
      },
    },
  ];
}

function listRecords(module: Module, { organization, call }: BooksCall): Reply {
  const { listing } = module;
  const { rows, matching, context } = list(organization, organization[module.name], listing, call.query);
  // Only invoices know this parameter: 2 asks for the number of records alone.
  const option = module === invoices ? call.query.get('response_option') : null;
  if (option === '2') return done({ page_context: { ...context, response_option: 2, total: matching.length } });
  const extra = option === '1' ? { response_option: 1, total: matching.length } : {};
  return done({ [listing.root]: rows.map((record) => listing.row(organization, record)), page_context: { ...context, ...extra } });
}

/**
 * `PUT /{module}` with the headers of a unique custom field: changes the record that carries the value, else creates one where
 * `X-Upsert` is true (Zoho Books API v3, "Update … using a custom field's unique value"). What is created carries the value only
 * if the body says so.
 */
function upsert(module: Module, call: BooksCall): Reply {
  const key = header(call.call, 'x-unique-identifier-key');
  const value = header(call.call, 'x-unique-identifier-value');
  if (!key) throw missingValue('X-Unique-Identifier-Key');
  if (!value) throw missingValue('X-Unique-Identifier-Value');
  const field = call.organization.customFields[module.name].find(({ api_name: apiName }) => apiName === key);
  if (!field?.is_unique) throw invalidValue('X-Unique-Identifier-Key');
  const missing = call.organization.rules.checksBodyFirst ? module.required.find((name) => body(call)[name] === undefined) : undefined;
  if (missing !== undefined) throw missingValue(missing);
  const record = call.organization[module.name].find('unique', uniqueValue(key, value));
  if (record) return updated(module, call, record);
  if (header(call.call, 'x-upsert') !== 'true') throw notFound(module.kind);
  return created(module, call, module.save(call.organization, body(call), undefined, contextOf(call)));
}

function created(module: Module, { organization }: BooksCall, record: BooksRecord): Reply {
  return done({ [module.singular]: module.detail(organization, record) }, module.messages.created, 201);
}

function updated(module: Module, call: BooksCall, before: BooksRecord): Reply {
  const record = module.save(call.organization, body(call), before, contextOf(call));
  return done({ [module.singular]: module.detail(call.organization, record) }, module.messages.updated);
}

/** Active and inactive; the three statuses of invoices and of credit notes; details of several items at once. */
function actionRoutes(): BooksRoute[] {
  const activity = [contacts, items].flatMap((module) =>
    (['active', 'inactive'] as const).map((status): BooksRoute => ({
      method: 'POST',
      path: `/${module.name}/:id/${status}`,
      handle: (call) => {
        call.organization[module.name].put({ ...recordOf(module, call), status, modifiedMs: call.nowMs });
        return done({}, `The ${module.singular} has been marked as ${status}.`);
      },
    })),
  );
  const ofInvoices = invoiceStatuses.map((status): BooksRoute => ({
    method: 'POST',
    path: `/invoices/:id/status/${status}`,
    handle: (call) => done({}, changeInvoiceStatus(call.organization, recordOf(invoices, call), status, call.nowMs)),
  }));
  const ofCreditnotes = creditnoteStatuses.map((status): BooksRoute => ({
    method: 'POST',
    path: `/creditnotes/:id/status/${status}`,
    handle: (call) => done({}, changeCreditnoteStatus(call.organization, recordOf(creditnotes, call), status, call.nowMs)),
  }));
  const details: BooksRoute = {
    method: 'GET',
    path: '/itemdetails',
    handle: ({ organization, call }) => {
      const ids = (call.query.get('item_ids') ?? '').split(',');
      const found = ids.flatMap((id) => organization.items.get(id) ?? []);
      const context = { page: 1, per_page: 200, has_more_page: false, report_name: 'Items', sort_column: 'name', sort_order: 'A' };
      return done({ items: found.map((record) => items.detail(organization, record)), page_context: context });
    },
  };
  return [...activity, ...ofInvoices, ...ofCreditnotes, details];
}

function personRoutes(): BooksRoute[] {
  const path = '/contacts/contactpersons';
  const personId = ({ call }: BooksCall) => call.params['id'] ?? '';
  return [
    {
      method: 'GET',
      path: '/contacts/:id/contactpersons',
      handle: (call) => {
        const { page, perPage } = pageOf(call.call.query);
        const persons = personsOf(recordOf(contacts, call));
        const context = { page, per_page: perPage, has_more_page: page * perPage < persons.length, sort_column: 'contact_person_id', sort_order: 'A' };
        return done({ contact_persons: persons.slice((page - 1) * perPage, page * perPage), page_context: context });
      },
    },
    {
      method: 'POST',
      path,
      handle: (call) => done({ contact_person: addPerson(call.organization, body(call), call.nowMs) }, 'The contact person has been created.', 201),
    },
    { method: 'GET', path: `${path}/:id`, handle: (call) => done({ contact_person: findPerson(call.organization, personId(call)).person }) },
    {
      method: 'PUT',
      path: `${path}/:id`,
      handle: (call) =>
        done({ contact_person: changePerson(call.organization, personId(call), body(call), call.nowMs) }, 'The contact person details has been updated.'),
    },
    {
      method: 'DELETE',
      path: `${path}/:id`,
      handle: (call) => {
        removePerson(call.organization, personId(call), call.nowMs);
        return done({}, 'The contact person has been deleted.');
      },
    },
    {
      method: 'POST',
      path: `${path}/:id/primary`,
      handle: (call) => {
        changePerson(call.organization, personId(call), { is_primary_contact: true }, call.nowMs);
        return done({}, 'This contact person has been marked as your primary contact person.');
      },
    },
  ];
}

function recordOf(module: Module, { organization, call }: BooksCall, id = call.params['id'] ?? ''): BooksRecord {
  const record = organization[module.name].get(id);
  if (!record) throw notFound(module.kind);
  return record;
}

function body({ call }: BooksCall): JsonObject {
  const value = jsonBody(call) as JsonObject | undefined;
  if (!isObject(value)) throw notJson();
  return value;
}

function contextOf({ call, nowMs }: BooksCall) {
  return { nowMs, query: call.query };
}
