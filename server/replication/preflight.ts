import type { Queryable } from '../db/pool.ts';
import { HaloError } from '../platform/errors.ts';

const OLDEST_VERSION = 140_000;

interface Facts {
  readonly version: number;
  readonly wal_level: string;
  readonly role: string;
  readonly may_replicate: boolean;
  readonly slot_exists: boolean;
  readonly slots_used: number;
  readonly slots_allowed: number;
  readonly senders_used: number;
  readonly senders_allowed: number;
}

/**
 * Checks that this Postgres can feed Halo, and says by name what it lacks: `postgres_too_old`,
 * `wal_level_not_logical`, `role_cannot_replicate`, `no_free_replication_slot`, `no_free_wal_sender`.
 */
export async function checkReplicationPrerequisites(db: Queryable, slotName: string): Promise<void> {
  const { rows } = await db.query<Facts>(FACTS, [slotName]);
  const facts = rows[0]!;
  if (facts.version < OLDEST_VERSION) {
    const major = Math.floor(facts.version / 10_000);
    throw lacking(
      'postgres_too_old',
      `Postgres ${major} is too old: Halo needs 14 or newer.`,
      'Upgrade Postgres.',
    );
  }
  if (facts.wal_level !== 'logical') {
    throw lacking(
      'wal_level_not_logical',
      `Postgres has wal_level = ${facts.wal_level}; Halo needs logical.`,
      'Run ALTER SYSTEM SET wal_level = logical, and restart Postgres.',
    );
  }
  if (!facts.may_replicate) {
    throw lacking(
      'role_cannot_replicate',
      `The role ${facts.role} has no right to replicate.`,
      `Run ALTER ROLE "${facts.role}" REPLICATION as a superuser.`,
    );
  }
  if (!facts.slot_exists && facts.slots_used >= facts.slots_allowed) {
    throw lacking(
      'no_free_replication_slot',
      `All ${facts.slots_allowed} replication slots are in use.`,
      'Raise max_replication_slots and restart Postgres, or drop a slot that nobody uses.',
    );
  }
  if (facts.senders_used >= facts.senders_allowed) {
    throw lacking(
      'no_free_wal_sender',
      `All ${facts.senders_allowed} WAL senders are in use.`,
      'Raise max_wal_senders and restart Postgres.',
    );
  }
}

/** Fails with `publication_missing`: what publishes Halo's tables is made by a migration, and somebody dropped it. */
export async function checkPublication(db: Queryable, publication: string): Promise<void> {
  const { rowCount } = await db.query('SELECT FROM pg_publication WHERE pubname = $1', [publication]);
  if (rowCount !== 0) return;
  throw lacking(
    'publication_missing',
    `The publication ${publication} does not exist in this database.`,
    `Run CREATE PUBLICATION ${publication} FOR TABLE followed by the tables that devices follow.`,
  );
}

// Managed Postgres gives the right to replicate by membership of a role of the provider's.
const FACTS = `
  SELECT current_setting('server_version_num')::int AS version,
         current_setting('wal_level') AS wal_level,
         current_user AS role,
         EXISTS (SELECT FROM pg_roles r
                  WHERE (r.rolname = current_user AND (r.rolsuper OR r.rolreplication))
                     OR (r.rolname IN ('rds_replication', 'azure_pg_admin', 'cloudsqlsuperuser')
                         AND pg_has_role(current_user, r.oid, 'member'))) AS may_replicate,
         EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1) AS slot_exists,
         (SELECT count(*)::int FROM pg_replication_slots) AS slots_used,
         current_setting('max_replication_slots')::int AS slots_allowed,
         (SELECT count(*)::int FROM pg_stat_replication
           WHERE pid NOT IN (SELECT active_pid FROM pg_replication_slots
                              WHERE slot_name = $1 AND active_pid IS NOT NULL)) AS senders_used,
         current_setting('max_wal_senders')::int AS senders_allowed`;

function lacking(code: string, message: string, hint: string): HaloError {
  return new HaloError(code, message, { hint, field: 'DATABASE_URL' });
}
