import type { Transaction } from '../../db/pool.ts';
import { mergePairings } from '../merged-pairings.ts';
import type { KeptPairing } from '../merged-pairings.ts';
import { applyMatches } from './match-store.ts';

/**
 * Takes the pairings of merged incidents along to those that go on, which the transaction has locked with them. What the official
 * events on the other side point to is brought in line by the job that compares.
 */
export async function movePairings(
  tx: Transaction,
  merged: readonly { readonly id: string; readonly into: string }[],
): Promise<void> {
  const into = new Map(merged.map((one) => [one.id, one.into]));
  const ids = [...into.keys(), ...into.values()];
  const { rows: before } = await tx.query<KeptPairing>(
    `SELECT official_id AS "officialId", incident_id AS "incidentId", state, probability, decided_by AS "decidedBy",
       by_officer AS "byOfficer", decided_at AS "decidedAt"
     FROM incident_matches WHERE official_id = ANY ($1::uuid[]) OR incident_id = ANY ($1::uuid[])`,
    [ids],
  );
  if (before.length === 0) return;
  const after = mergePairings(before, into);
  await tx.query(
    `DELETE FROM incident_matches USING unnest($1::uuid[], $2::uuid[]) AS gone (official, incident)
     WHERE official_id = gone.official AND incident_id = gone.incident`,
    [before.map(({ officialId }) => officialId), before.map(({ incidentId }) => incidentId)],
  );
  await tx.query(
    `INSERT INTO incident_matches (official_id, incident_id, region, state, probability, decided_by, by_officer, decided_at)
     SELECT given."officialId", given."incidentId", incidents.region, state::match_state, probability, "decidedBy", "byOfficer", "decidedAt"
     FROM jsonb_to_recordset($1::jsonb) AS given ("officialId" uuid, "incidentId" uuid, state text, probability float8,
         "decidedBy" uuid, "byOfficer" boolean, "decidedAt" timestamptz)
       JOIN incidents ON incidents.id = given."incidentId"`,
    [JSON.stringify(after)],
  );
  await applyMatches(tx, [...new Set(into.values())]);
}
