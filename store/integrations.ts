import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { JsonObject } from '../domain/json.ts';
import { BookbridgeError } from '../domain/errors.ts';
import { readJson } from './rows.ts';
import type { Tables } from './schema.ts';
import type { Sealer } from './secrets.ts';
import type { Integration } from './types.ts';

export interface Integrations {
  /** Creates the integration or replaces its settings; links, changes and cursors stay as they are. */
  save(integration: Pick<Integration, 'id' | 'kind' | 'organizationId' | 'settings' | 'facts'>): Promise<void>;
  /** @throws BookbridgeError `settings-invalid` when there is none of that id */
  get(id: string): Promise<Integration>;
  list(): Promise<Integration[]>;
  markImported(id: string, atMs: number): Promise<void>;
}

/** One authorised access to one system. */
export interface Connections {
  /** Stores new credentials and ends any lease, so that a renewal of the old ones that is under way cannot overwrite them. */
  write(integrationId: string, system: string, secret: JsonObject): Promise<void>;
  /** Null where nothing was ever authorised. */
  read(integrationId: string, system: string): Promise<JsonObject | null>;
  /** Stores renewed credentials; false, having stored nothing, where the lease has ended. */
  renew(integrationId: string, system: string, secret: JsonObject, leaseId: string): Promise<boolean>;
  /** The right to renew the credentials, so that one worker does it for all; null while somebody else has it. */
  lease(integrationId: string, system: string, forMs: number): Promise<string | null>;
  release(integrationId: string, system: string, leaseId: string): Promise<void>;
}

/** The table of integrations. */
export function createIntegrations(db: Kysely<Tables>): Integrations {
  return {
    async save({ id, kind, organizationId, settings, facts }) {
      const row = { kind, organization_id: organizationId, settings: JSON.stringify(settings), facts: JSON.stringify(facts), state: 'active' as const };
      await db
        .insertInto('integrations')
        .values({ id, ...row, imported_at_ms: null })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
        .execute();
    },
    async get(id) {
      const row = await db.selectFrom('integrations').selectAll().where('id', '=', id).executeTakeFirst();
      if (!row) throw new BookbridgeError('settings-invalid', { detail: `There is no integration "${id}": connect it first` });
      return toIntegration(row);
    },
    async list() {
      const rows = await db.selectFrom('integrations').selectAll().orderBy('id').execute();
      return rows.map(toIntegration);
    },
    async markImported(id, atMs) {
      await db.updateTable('integrations').set({ imported_at_ms: atMs }).where('id', '=', id).where('imported_at_ms', 'is', null).execute();
    },
  };
}

function toIntegration(row: Tables['integrations']): Integration {
  return {
    id: row.id, kind: row.kind, organizationId: row.organization_id, settings: readJson(row.settings), facts: readJson(row.facts),
    state: row.state, importedAtMs: row.imported_at_ms === null ? null : row.imported_at_ms,
  };
}

/**
 * Credentials, encrypted.
 *
 * @param now milliseconds since the epoch
 */
export function createConnections(db: Kysely<Tables>, sealer: Sealer, now: () => number): Connections {
  const at = (integrationId: string, system: string) =>
    db.updateTable('connections').where('integration_id', '=', integrationId).where('system', '=', system);
  return {
    async write(integrationId, system, secret) {
      const row = { secret: sealer.seal(JSON.stringify(secret)), lease_holder: null, lease_until_ms: 0 };
      await db
        .insertInto('connections')
        .values({ integration_id: integrationId, system, ...row })
        .onConflict((conflict) => conflict.columns(['integration_id', 'system']).doUpdateSet(row))
        .execute();
    },
    async read(integrationId, system) {
      const row = await db
        .selectFrom('connections').select('secret')
        .where('integration_id', '=', integrationId).where('system', '=', system)
        .executeTakeFirst();
      return row ? readJson(sealer.open(row.secret)) : null;
    },
    async renew(integrationId, system, secret, leaseId) {
      const done = await at(integrationId, system)
        .set({ secret: sealer.seal(JSON.stringify(secret)) })
        .where('lease_holder', '=', leaseId)
        .where('lease_until_ms', '>', now())
        .executeTakeFirst();
      return done.numUpdatedRows > 0n;
    },
    async lease(integrationId, system, forMs) {
      const leaseId = randomUUID();
      const taken = await at(integrationId, system)
        .set({ lease_holder: leaseId, lease_until_ms: now() + forMs })
        .where('lease_until_ms', '<=', now())
        .executeTakeFirst();
      return taken.numUpdatedRows > 0n ? leaseId : null;
    },
    async release(integrationId, system, leaseId) {
      await at(integrationId, system).set({ lease_holder: null, lease_until_ms: 0 }).where('lease_holder', '=', leaseId).execute();
    },
  };
}
