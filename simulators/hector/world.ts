import { isDeepStrictEqual } from 'node:util';
import type { DataSet } from '../data/index.ts';
import { createCollection, type Collection, type HectorRecord } from './collection.ts';
import { resourceNames, singular, type ResourceName } from './resources.ts';
import { checkRecord, referenceIn, Refusal, type Fields } from './rules.ts';

/** What happened to a record, for the webhooks. */
export interface HectorEvent {
  /** `part.changed`, `customer.deleted`, `loaner.completed` … */
  readonly event: string;
  readonly recordId: string;
  readonly occurredAt: string;
}

/** One instance of Hector: its records, and what happens when they change. */
export interface World {
  collection(resource: ResourceName): Collection;
  /** @throws Refusal */
  create(resource: ResourceName, fields: Fields, id?: string): HectorRecord;
  /** Changes the given fields only; attributes are merged. What changes nothing leaves no trace. @throws Refusal */
  change(resource: ResourceName, id: string, fields: Fields): HectorRecord;
  /** @throws Refusal */
  remove(resource: ResourceName, id: string): void;
  /** Lays fields over a record against all rules: for tests of what must not happen. */
  force(resource: ResourceName, id: string, fields: Fields): HectorRecord;
}

/** Initial records are this old, a millisecond apart in the order of the data set. */
const firstChangeMs = Date.UTC(2026, 0, 1);

/**
 * @param dataSet what is there from the beginning; its loaners are not, they are only planned
 * @param emit is told of every change, in order
 */
export function createWorld(dataSet: DataSet, emit: (event: HectorEvent) => void): World {
  const collections = new Map<ResourceName, Collection>(resourceNames.map((name) => [name, createCollection()]));
  /** `<resource> <reference>` → id. */
  const owners = new Map<string, string>();
  let lastId = 100_000;
  let lastChangeMs = 0;

  function collection(resource: ResourceName): Collection {
    const found = collections.get(resource);
    if (found === undefined) throw new Error(`no resource ${resource}`);
    return found;
  }

  const surroundings = { collection, ownerOf: (resource: ResourceName, reference: string) => owners.get(`${resource} ${reference}`) };

  /** Never earlier than the change before, whatever the clock does. */
  function tick(): string {
    lastChangeMs = Math.max(lastChangeMs, Date.now());
    return new Date(lastChangeMs).toISOString();
  }

  function store(resource: ResourceName, record: HectorRecord): void {
    const old = referenceIn(resource, collection(resource).get(record.id) ?? {});
    if (old !== null) owners.delete(`${resource} ${old}`);
    const reference = referenceIn(resource, record);
    if (reference !== null) owners.set(`${resource} ${reference}`, record.id);
    collection(resource).put(record);
  }

  function write(resource: ResourceName, id: string, fields: Fields): HectorRecord {
    const before = collection(resource).get(id);
    const record: HectorRecord = { ...fields, id, updatedAt: tick() };
    store(resource, record);
    emit({ event: `${singular[resource]}.changed`, recordId: id, occurredAt: record.updatedAt });
    if (resource === 'loaners' && isCompleted(record) && !(before && isCompleted(before))) {
      emit({ event: 'loaner.completed', recordId: id, occurredAt: record.updatedAt });
    }
    return record;
  }

  function isCompleted(loaner: HectorRecord): boolean {
    return collection('statuses').get(String(loaner['statusId']))?.['state'] === 'completed';
  }

  function newId(resource: ResourceName): string {
    do lastId += 1;
    while (collection(resource).get(String(lastId)));
    return String(lastId);
  }

  seed(dataSet, store);
  return {
    collection,
    create: (resource, fields, id = newId(resource)) => write(resource, id, checkRecord(resource, fields, null, surroundings)),
    change: (resource, id, fields) => {
      const record = existing(collection(resource), id);
      const { id: _id, updatedAt: _updatedAt, ...before } = record;
      const checked = checkRecord(resource, { ...before, ...fields, ...mergedAttributes(before, fields) }, id, surroundings);
      return isDeepStrictEqual(checked, before) ? record : write(resource, id, checked);
    },
    remove: (resource, id) => {
      const reference = referenceIn(resource, existing(collection(resource), id));
      if (reference !== null) owners.delete(`${resource} ${reference}`);
      const occurredAt = tick();
      collection(resource).remove(id, occurredAt);
      emit({ event: `${singular[resource]}.deleted`, recordId: id, occurredAt });
    },
    force: (resource, id, fields) => write(resource, id, { ...collection(resource).get(id), ...fields }),
  };
}

/** Parts and places come from Books later, and loaners are only planned. */
function seed({ hector }: DataSet, store: (resource: ResourceName, record: HectorRecord) => void): void {
  let changeMs = firstChangeMs;
  for (const resource of ['customers', 'users', 'categories', 'stockrooms', 'attributes', 'statuses'] as const) {
    for (const record of hector[resource]) {
      store(resource, { ...record, updatedAt: new Date(changeMs).toISOString() });
      changeMs += 1;
    }
  }
}

function existing(collection: Collection, id: string): HectorRecord {
  const record = collection.get(id);
  if (!record) throw new Refusal(404, 'not_found', `There is no record ${id}.`);
  return record;
}

function mergedAttributes(before: Fields, fields: Fields): Fields {
  const [old, added] = [before['attributes'], fields['attributes']];
  if (typeof old !== 'object' || typeof added !== 'object') return {};
  return { attributes: { ...old, ...added } };
}
