import type { Role } from '@halo/shapes/protocol/auth.ts';
import type { Verification } from '@halo/shapes/taxonomy/states.ts';
import type { Transaction } from '../db/pool.ts';
import { HaloError } from '../platform/errors.ts';
import type { JudgedIncident } from './judge-transition.ts';

/** An incident that reports belong to now, locked until the transaction ends. */
export interface LiveIncident extends JudgedIncident {
  readonly id: string;
  readonly region: string | null;
}

interface IncidentRow {
  readonly id: string;
  readonly status: 'open' | 'closed' | 'merged';
  readonly verification: Verification;
  readonly verdict: Verification | null;
  readonly report_count: number;
  readonly region: string | null;
}

/** How often an incident may be merged away while it is being locked. */
const MAX_ROUNDS = 20;

/**
 * Locks the incident of this id, or the one that it was merged into; undefined when there is none. Only the one
 * found is locked.
 */
export async function lockLiveIncident(
  tx: Transaction,
  incidentId: string,
): Promise<LiveIncident | undefined> {
  return (await lockLiveIncidents(tx, [incidentId]))?.[0];
}

/**
 * Locks the incidents of these ids, or those that they were merged into, each once and in the order of the ids that are locked, as
 * everybody locks them; undefined when one of them is none.
 */
export async function lockLiveIncidents(
  tx: Transaction,
  incidentIds: readonly string[],
): Promise<LiveIncident[] | undefined> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const survivors = await tx.query<{ asked: string; id: string }>({
      name: 'incident_survivors',
      text: `WITH RECURSIVE chain AS (
               SELECT id AS asked, id, merged_into FROM incidents WHERE id = ANY ($1::uuid[])
               UNION SELECT asked, next.id, next.merged_into FROM incidents next JOIN chain ON next.id = chain.merged_into
             )
             SELECT asked, id FROM chain WHERE merged_into IS NULL`,
      values: [incidentIds],
    });
    if (new Set(survivors.rows.map(({ asked }) => asked)).size < new Set(incidentIds).size) return undefined;
    const { rows } = await tx.query<IncidentRow>({
      name: 'incidents_live_lock',
      text: `SELECT id, status, verification, verdict, report_count, region FROM incidents WHERE id = ANY ($1::uuid[])
             ORDER BY id FOR NO KEY UPDATE`,
      values: [survivors.rows.map(({ id }) => id)],
    });
    const live = rows.flatMap(({ status, report_count: reportCount, ...row }) =>
      status === 'merged' ? [] : [{ ...row, status, reportCount }],
    );
    if (live.length === rows.length) return live;
  }
  throw new HaloError('incident_contended', 'The incident is being changed too often at this moment.', {
    status: 503,
    hint: 'Try again.',
  });
}

/** The role that an account has at this moment; undefined when it is disabled or gone. */
export async function presentRole(tx: Transaction, userId: string): Promise<Role | undefined> {
  const { rows } = await tx.query<{ role: Role }>(
    'SELECT role FROM users WHERE id = $1 AND disabled_at IS NULL',
    [userId],
  );
  return rows[0]?.role;
}

/** Closes an incident, or opens it again, whatever its age: devices get it back with all that belongs to it. */
export async function writeEnd(tx: Transaction, incidentId: string, ended: boolean): Promise<void> {
  await tx.query(
    `UPDATE incidents SET ended_at = CASE WHEN $2::boolean THEN now() END, updated_at = now(),
       reopened_at = CASE WHEN NOT $2::boolean THEN now() END, past = past AND $2::boolean,
       status = CASE WHEN $2::boolean THEN 'closed' ELSE 'open' END::incident_status
     WHERE id = $1`,
    [incidentId, ended],
  );
  if (ended) return;
  for (const table of ['reports', 'incident_transitions', 'comments'])
    await tx.query(`UPDATE ${table} SET past = false WHERE incident_id = $1 AND past`, [incidentId]);
}

/** Writes down how far an incident is to be believed; one that is dismissed is closed. */
export async function writeVerdict(
  tx: Transaction,
  incidentId: string,
  verdict: Verification,
): Promise<void> {
  await tx.query(
    `UPDATE incidents SET verdict = $2::verification, verdict_at = now(), verification = $2::verification, updated_at = now(),
       status = CASE WHEN ended_at IS NOT NULL OR past OR $2::verification = 'dismissed' THEN 'closed' ELSE 'open' END::incident_status
     WHERE id = $1`,
    [incidentId, verdict],
  );
}

/** Keeps who decided what. */
export async function insertTransition(
  tx: Transaction,
  made: {
    readonly id: string;
    readonly incidentId: string;
    readonly region: string | null;
    readonly actorId: string | null;
    readonly from: string;
    readonly to: string;
    readonly note: string;
  },
): Promise<void> {
  await tx.query(
    `INSERT INTO incident_transitions (id, incident_id, region, actor_id, from_state, to_state, note)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [made.id, made.incidentId, made.region, made.actorId, made.from, made.to, made.note],
  );
}
