import type { Queryable } from '../db/pool.ts';

/** Rows of one kind that are handed over at most; whoever has more asks an operator. */
export const MAX_EXPORTED = 50_000;

/** What is kept of a person, by what it is; the names of columns are those of the tables. */
export type PersonExport = Readonly<Record<string, readonly unknown[]>>;

/** Of each kind the columns that are the person's, in the tables that name him. */
const KINDS: Readonly<Record<string, string>> = {
  account: `SELECT id, email, display_name, role, created_at FROM users WHERE id = $1`,
  sessions: `SELECT id, created_at, expires_at, revoked_at, revoked_reason FROM sessions WHERE user_id = $1 ORDER BY id`,
  devices: `SELECT id, last_seq, created_at, last_seen_at FROM devices WHERE user_id = $1 ORDER BY id`,
  reports: `SELECT id, source, device_id, type, severity, occurred_at, claimed_at, clock_suspect, received_at, description, lat, lon,
      accuracy_m, region, municipality, district, status, incident_id, version, updated_at
    FROM reports WHERE reporter_id = $1 ORDER BY id`,
  reportVersions: `SELECT report_id, version, type, severity, occurred_at, description, lat, lon, accuracy_m, replaced_at
    FROM report_versions WHERE reporter_id = $1 ORDER BY report_id, version`,
  comments: `SELECT id, incident_id, body, created_at, deleted_at FROM comments WHERE author_id = $1 ORDER BY id`,
  watches: `SELECT id, name, lat, lon, radius_m, threshold, created_at, updated_at FROM watches WHERE user_id = $1 ORDER BY id`,
  mutations: `SELECT id, device_id, seq, type, args, status, code, message, field, result, claimed_at, settled_at
    FROM ledger WHERE user_id = $1 ORDER BY settled_at, id`,
  decisions: `SELECT id, incident_id, from_state, to_state, note, made_at FROM incident_transitions WHERE actor_id = $1 ORDER BY id`,
};

/**
 * All that is kept of a person (GDPR, articles 15 and 20), of each kind at most `MAX_EXPORTED` rows; `truncated` names the kinds
 * of which there are more.
 */
export async function exportPerson(db: Queryable, userId: string): Promise<PersonExport> {
  const found: Record<string, readonly unknown[]> = {};
  const truncated: { kind: string; shown: number }[] = [];
  for (const [kind, sql] of Object.entries(KINDS)) {
    const { rows } = await db.query(`${sql} LIMIT ${MAX_EXPORTED + 1}`, [userId]);
    if (rows.length > MAX_EXPORTED) truncated.push({ kind, shown: MAX_EXPORTED });
    found[kind] = rows.slice(0, MAX_EXPORTED);
  }
  return { ...found, truncated };
}
