import type { Queryable } from '../db/pool.ts';
import type { HeardDevice, TimedHappening } from './device-book.ts';

/** Devices of one account of which is told; who names more is heard, and not written down. */
export const MAX_DEVICES_PER_ACCOUNT = 100;

/** A device as it is written down; ages in milliseconds, so that times are those of the database's clock. */
export interface WrittenContact {
  readonly device: HeardDevice;
  readonly heardAgeMs: number;
  readonly sinceAgeMs: number;
  readonly dueMs: number;
  readonly errorAgeMs: number;
  /** JSON: `[shape, phase, offset, asked age, moved age, looks]` for each. */
  readonly shapes: string;
}

/**
 * Writes what devices say of themselves; resolves with the ids of those that are their person's. A device that the ledger knows
 * as another's, or one too many of an account, is not.
 */
export async function writeStatus(db: Queryable, contacts: readonly WrittenContact[]): Promise<Set<string>> {
  const devices = contacts.map(({ device }) => device);
  const { rows } = await db.query<{ id: string }>(
    `INSERT INTO device_status AS s (id, user_id, known_by, session_id, app_version, pending, rejected, oldest_s, reported_at,
       pending_since, error_code, error_from, error_at)
     SELECT n.id, n.user_id, n.known_by, n.session_id, n.v, n.p, n.r, n.o, CASE WHEN n.said THEN now() END,
            CASE WHEN n.p > 0 THEN now() END, n.code, n.code_from,
            CASE WHEN n.code IS NOT NULL THEN now() - n.code_age * interval '1 millisecond' END
       FROM (SELECT id, user_id, known_by, session_id, v, p, r, o, said, code, code_from, code_age,
                   row_number() OVER (PARTITION BY given.user_id ORDER BY given.place) AS turn FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::int[], $7::int[], $8::bigint[], $9::boolean[],
                   $10::text[], $11::text[], $12::float8[])
              WITH ORDINALITY AS given (id, user_id, known_by, session_id, v, p, r, o, said, code, code_from, code_age, place)) AS n
       JOIN users u ON u.id = n.user_id
      WHERE EXISTS (SELECT FROM device_status k WHERE k.id = n.id AND k.user_id = n.user_id)
         OR (NOT EXISTS (SELECT FROM devices d WHERE d.id = n.id AND d.user_id <> n.user_id)
             AND (SELECT count(*) FROM device_status k WHERE k.user_id = n.user_id) + n.turn <= $13)
     ON CONFLICT (id) DO UPDATE
        SET session_id = excluded.session_id, heard_at = now(), silent_since = NULL,
            app_version = coalesce(excluded.app_version, s.app_version),
            pending = coalesce(excluded.pending, s.pending), rejected = coalesce(excluded.rejected, s.rejected),
            oldest_s = CASE WHEN excluded.reported_at IS NULL THEN s.oldest_s ELSE excluded.oldest_s END,
            reported_at = coalesce(excluded.reported_at, s.reported_at),
            pending_since = CASE WHEN excluded.pending IS NULL THEN s.pending_since
                                 WHEN excluded.pending > 0 THEN coalesce(s.pending_since, now()) END,
            error_code = ${newestError('error_code')}, error_from = ${newestError('error_from')},
            error_at = ${newestError('error_at')}
      WHERE s.user_id = excluded.user_id
  RETURNING s.id::text`,
    [
      devices.map(({ id }) => id),
      devices.map(({ userId }) => userId),
      devices.map(({ knownBy }) => knownBy),
      devices.map(({ sessionId }) => sessionId),
      devices.map(({ report }) => report?.v ?? null),
      devices.map(({ report }) => report?.p ?? null),
      devices.map(({ report }) => report?.r ?? null),
      devices.map(({ report }) => report?.o ?? null),
      devices.map(({ report }) => report !== undefined),
      devices.map(({ report, error }) => report?.e ?? error?.code.slice(0, 60) ?? null),
      devices.map(({ report, error }) => (report?.e !== undefined ? 'device' : error && 'server') ?? null),
      contacts.map(({ errorAgeMs }) => errorAgeMs),
      MAX_DEVICES_PER_ACCOUNT,
    ],
  );
  return new Set(rows.map(({ id }) => id));
}

/** The same error keeps its time; what the device said was wrong is over when it says so no more. */
function newestError(column: string): string {
  return `CASE WHEN excluded.error_code IS NULL AND s.error_from = 'device' AND excluded.reported_at IS NOT NULL THEN NULL
               WHEN excluded.error_code IS NULL THEN s.${column}
               WHEN excluded.error_code = s.error_code AND excluded.error_from = s.error_from AND s.error_from = 'device'
                 THEN s.${column}
               ELSE excluded.${column} END`;
}

/** Writes when devices were heard, and where they stand. */
export async function writeContacts(
  db: Queryable,
  instance: string,
  contacts: readonly WrittenContact[],
): Promise<void> {
  await db.query(
    `INSERT INTO device_contacts (id, instance, heard_at, since, due_s, shapes, written_at)
     SELECT n.id, $1, now() - n.heard * interval '1 millisecond', now() - n.since * interval '1 millisecond',
            ceil(n.due / 1000), n.shapes::jsonb, now()
       FROM unnest($2::uuid[], $3::float8[], $4::float8[], $5::float8[], $6::text[]) AS n (id, heard, since, due, shapes)
     ON CONFLICT (id, instance) DO UPDATE
        SET heard_at = excluded.heard_at, since = excluded.since, due_s = excluded.due_s, shapes = excluded.shapes,
            written_at = excluded.written_at`,
    [
      instance,
      contacts.map(({ device }) => device.id),
      contacts.map(({ heardAgeMs }) => heardAgeMs),
      contacts.map(({ sinceAgeMs }) => sinceAgeMs),
      contacts.map(({ dueMs }) => dueMs),
      contacts.map(({ shapes }) => shapes),
    ],
  );
}

/** Writes what happened; of devices that are not known any more nothing is written. */
export async function writeEvents(
  db: Queryable,
  instance: string,
  nowMs: number,
  events: readonly TimedHappening[],
): Promise<void> {
  await db.query(
    `INSERT INTO device_events (device_id, user_id, at, kind, shape, code, times, instance)
     SELECT n.device_id, s.user_id, now() - n.age * interval '1 millisecond', n.kind, n.shape, n.code, n.times, $1
       FROM unnest($2::uuid[], $3::uuid[], $4::float8[], $5::text[], $6::text[], $7::text[], $8::int[])
              WITH ORDINALITY AS n (device_id, user_id, age, kind, shape, code, times, place)
       JOIN device_status s ON s.id = n.device_id AND s.user_id = n.user_id
      ORDER BY n.place`,
    [
      instance,
      events.map(({ deviceId }) => deviceId),
      events.map(({ userId }) => userId),
      events.map(({ atMs }) => nowMs - atMs),
      events.map(({ kind }) => kind),
      events.map(({ shape }) => shape),
      events.map(({ code }) => code),
      events.map(({ times }) => times),
    ],
  );
}

/** Says of devices that no instance hears any more since when that is so; once, so that it reaches the shape `devices`. */
export async function markSilent(db: Queryable): Promise<void> {
  await db.query(
    `UPDATE device_status s SET silent_since = c.heard, heard_at = greatest(s.heard_at, c.heard)
       FROM (SELECT id, max(heard_at) AS heard, max(heard_at + due_s * interval '1 second') AS due
               FROM device_contacts GROUP BY id) c
      WHERE c.id = s.id AND s.silent_since IS NULL AND c.due < now() - interval '2 minutes'`,
  );
  // Without a contact: Postgres has crashed since, and whoever is there has had the time to be heard again.
  await db.query(
    `UPDATE device_status s SET silent_since = s.heard_at
      WHERE s.silent_since IS NULL AND s.heard_at < now() - interval '5 minutes'
        AND pg_postmaster_start_time() < now() - interval '5 minutes'
        AND NOT EXISTS (SELECT FROM device_contacts c WHERE c.id = s.id)`,
  );
}
