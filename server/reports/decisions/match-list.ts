import type { IncidentAnswer } from '@halo/shapes/protocol/incidents.ts';
import type { MatchAnswer } from '@halo/shapes/protocol/decisions.ts';
import type { Queryable } from '../../db/pool.ts';
import { readIncidents } from '../incident-view/view-store.ts';

/** Pairings of one incident that are shown: the likeliest. */
const MAX_MATCHES = 200;

type MatchRow = Omit<MatchAnswer, 'decidedAt'> & { readonly decidedAt: Date };

const COLUMNS = `official_id AS "officialId", incident_id AS "incidentId", state, probability, by_officer AS "byOfficer",
  decided_by AS "decidedBy", decided_at AS "decidedAt"`;

/** What an incident was compared with and may be the same as, on whichever side it stands; the likeliest first. */
export async function listMatches(
  db: Queryable,
  id: string,
): Promise<(MatchAnswer & { readonly other: IncidentAnswer })[]> {
  const { rows } = await db.query<MatchRow>(
    `SELECT ${COLUMNS} FROM incident_matches WHERE official_id = $1 OR incident_id = $1
     ORDER BY state = 'match' DESC, probability DESC, official_id, incident_id LIMIT ${MAX_MATCHES}`,
    [id],
  );
  const otherOf = ({ officialId, incidentId }: MatchRow) => (officialId === id ? incidentId : officialId);
  const others = await readIncidents(db, rows.map(otherOf));
  return rows.flatMap((row) => {
    const other = others.get(otherOf(row));
    // One that has merged in this moment is named by its survivor's pairing from now on.
    return other === undefined || !isLive(other) ? [] : [{ ...answerOf(row), other }];
  });
}

/** One pairing; undefined when there is none. */
export async function readMatch(
  db: Queryable,
  officialId: string,
  incidentId: string,
): Promise<MatchAnswer | undefined> {
  const { rows } = await db.query<MatchRow>(
    `SELECT ${COLUMNS} FROM incident_matches WHERE official_id = $1 AND incident_id = $2`,
    [officialId, incidentId],
  );
  return rows[0] === undefined ? undefined : answerOf(rows[0]);
}

function isLive({ status }: { readonly status: string }): boolean {
  return status !== 'merged';
}

function answerOf(row: MatchRow): MatchAnswer {
  return { ...row, decidedAt: row.decidedAt.toISOString() };
}
