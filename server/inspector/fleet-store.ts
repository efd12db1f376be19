import type { Role } from '@halo/shapes/protocol/auth.ts';
import type { Queryable } from '../db/pool.ts';

/** Devices that are looked at: those heard last. */
export const MAX_FLEET = 20_000;
/** Their rows of all instances. */
const MAX_CONTACTS = 60_000;

/** A device as the database has it. Ages in milliseconds, by the database's clock. */
export interface DeviceRow {
  readonly id: string;
  readonly known_by: 'device' | 'session';
  readonly user_id: string;
  readonly email: string | null;
  readonly display_name: string;
  readonly role: Role;
  readonly app_version: string | null;
  readonly first_seen_at: Date;
  readonly heard_age: number;
  readonly pending: number | null;
  readonly rejected: number | null;
  readonly oldest_s: string | null;
  readonly reported_age: number | null;
  readonly stuck_age: number | null;
  readonly error_code: string | null;
  readonly error_from: 'device' | 'server' | null;
  readonly error_at: Date | null;
  readonly error_age: number | null;
  readonly last_seq: string | null;
  /** Why it may not come any more: a reason of the session's, or of the account's. */
  readonly ended: string | null;
  readonly ended_age: number | null;
}

/** What one instance has heard of a device. */
export interface ContactRow {
  readonly id: string;
  readonly instance: string;
  readonly heard_age: number;
  readonly since_age: number;
  readonly due_s: number;
  readonly written_age: number;
  /** `[shape, phase, offset, asked age, moved age, looks]`; ages when it was written. */
  readonly shapes: readonly (readonly [
    string,
    'snapshot' | 'catching_up' | 'live',
    string,
    number,
    number,
    0 | 1,
  ])[];
}

const age = (column: string) => `(extract(epoch FROM now() - ${column}) * 1000)::float8`;

const DEVICES = `SELECT s.id, s.known_by, s.user_id, u.email, u.display_name, u.role::text AS role, s.app_version,
  s.first_seen_at, ${age('s.heard_at')} AS heard_age, s.pending, s.rejected, s.oldest_s, ${age('s.reported_at')} AS reported_age,
  ${age('greatest(s.pending_since, d.last_seen_at)')} * CASE WHEN s.pending > 0 THEN 1 END AS stuck_age,
  s.error_code, s.error_from, s.error_at, ${age('s.error_at')} AS error_age, d.last_seq,
  CASE WHEN u.disabled_at IS NOT NULL OR u.erasing_at IS NOT NULL THEN 'account_disabled'
       WHEN s.session_id IS NULL THEN NULL
       WHEN e.id IS NULL THEN 'session_ended'
       WHEN e.revoked_reason = 'logout' THEN 'logged_out'
       WHEN e.revoked_reason = 'token_reuse' THEN 'token_reused'
       WHEN e.revoked_at IS NOT NULL THEN 'session_ended'
       WHEN e.expires_at <= now() THEN 'session_expired' END AS ended,
  ${age('coalesce(u.disabled_at, u.erasing_at, e.revoked_at, CASE WHEN e.expires_at <= now() THEN e.expires_at END)')} AS ended_age
  FROM device_status s
  JOIN users u ON u.id = s.user_id
  LEFT JOIN sessions e ON e.id = s.session_id
  LEFT JOIN devices d ON d.id = s.id`;

/** A log-in whose client named its device since is that device. */
const NOT_NAMED_SINCE = `(s.known_by = 'device' OR NOT EXISTS (
  SELECT FROM device_status o WHERE o.session_id = s.session_id AND o.known_by = 'device'))`;

/** The devices heard last, one more than are looked at. */
export async function readDevices(db: Queryable): Promise<DeviceRow[]> {
  const { rows } = await db.query<DeviceRow>(
    `${DEVICES} WHERE ${NOT_NAMED_SINCE} ORDER BY s.silent_since IS NULL DESC, s.heard_at DESC, s.id LIMIT ${MAX_FLEET + 1}`,
  );
  return rows;
}

/** These devices, however long ago they were heard. */
export async function readDevicesById(db: Queryable, ids: readonly string[]): Promise<DeviceRow[]> {
  const { rows } = await db.query<DeviceRow>(`${DEVICES} WHERE s.id = ANY ($1::uuid[])`, [ids]);
  return rows;
}

/** What instances have heard of these devices, or of all; the last heard first. */
export async function readContacts(db: Queryable, ids: readonly string[] | null): Promise<ContactRow[]> {
  const { rows } = await db.query<ContactRow>(
    `SELECT id, instance, ${age('heard_at')} AS heard_age, ${age('since')} AS since_age, due_s,
            ${age('written_at')} AS written_age, shapes
       FROM device_contacts WHERE $1::uuid[] IS NULL OR id = ANY ($1) ORDER BY heard_at DESC LIMIT ${MAX_CONTACTS}`,
    [ids],
  );
  return rows;
}
