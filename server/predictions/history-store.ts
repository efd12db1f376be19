import type { ServedPlaceKind } from '@halo/shapes/taxonomy/risk-categories.ts';
import type { Pool, Transaction } from '../db/pool.ts';
import { inTransaction } from '../db/transaction.ts';
import { HaloError } from '../platform/errors.ts';
import { PATROL_GENERATED } from './categories.ts';
import type { History, Place } from './forecast.ts';
import { createHistoryBuilder } from './history-builder.ts';
import type { HistoryIncident } from './history-builder.ts';

/** Incidents that one history may hold: some 21 bytes each, and what their places need. */
const MAX_INCIDENTS = 5_000_000;
/** Rows that are fetched at once: they are put into cells between two looks at what else there is to do. */
const BATCH = 5_000;

const WHERE_KNOWN: Readonly<Record<ServedPlaceKind, string>> = {
  'cell-9': `i.location_precision = 'point'`,
  // A municipality counts all that is known to have happened in it, however exactly its place is known.
  municipality: 'i.municipality IS NOT NULL',
};

/** Incidents that count, of types other than `$1` and from before `$2`. */
const COUNTS = `i.status <> 'merged' AND i.verification <> 'dismissed' AND i.matched_to IS NULL
           AND i.type <> ALL ($1::incident_type[]) AND i.occurred_at <= $2`;

/** Whether the history of a kind of place holds anything at a cut-off. */
export async function hasHistory(pool: Pool, kind: ServedPlaceKind, cutOff: Date): Promise<boolean> {
  const { rowCount } = await pool.query(
    `SELECT FROM incidents i WHERE ${COUNTS} AND ${WHERE_KNOWN[kind]} AND EXISTS (
       SELECT FROM reports r WHERE r.incident_id = i.id AND r.status = 'active' AND r.known_at <= $2) LIMIT 1`,
    [[...PATROL_GENERATED], cutOff],
  );
  return rowCount === 1;
}

/**
 * What the server knew at a cut-off: each incident that is still held to have happened, once, at its public place. What was
 * merged into another or dismissed is not part of it, nor what an official source told of that is the same as another
 * incident, nor types that patrols find. What feeds call a notice or a summary never is an incident.
 *
 * Reads by a cursor, so that a million incidents need some 20 MB here. Rejects with the signal's reason when it aborts.
 *
 * @throws HaloError `history_too_large`
 */
export async function readHistory(
  pool: Pool,
  kind: ServedPlaceKind,
  cutOff: Date,
  zone: string,
  signal: AbortSignal,
): Promise<History> {
  return inTransaction(
    pool,
    async (tx) => {
      await tx.query('SET TRANSACTION READ ONLY');
      const areas = kind === 'municipality' ? await municipalities(tx) : [];
      const builder = createHistoryBuilder(kind, zone, areas);
      await tx.query(
        `DECLARE history NO SCROLL CURSOR FOR
         SELECT i.lat, i.lon, i.region, i.municipality, i.type::text AS type, i.location_precision = 'point' AS "isPoint",
           (extract(epoch FROM i.occurred_at) * 1000)::float8 AS "occurredAtMs", (extract(epoch FROM k.known_at) * 1000)::float8 AS "knownAtMs"
         FROM incidents i JOIN (
           SELECT incident_id, min(known_at) AS known_at FROM reports
           WHERE status = 'active' AND incident_id IS NOT NULL GROUP BY incident_id
         ) k ON k.incident_id = i.id
         WHERE ${COUNTS} AND ${WHERE_KNOWN[kind]} AND k.known_at <= $2
         ORDER BY i.occurred_at, i.id`,
        [[...PATROL_GENERATED], cutOff],
      );
      for (;;) {
        signal.throwIfAborted();
        const { rows } = await tx.query<HistoryIncident>(`FETCH ${BATCH} FROM history`);
        for (const row of rows) builder.add(row);
        if (builder.size > MAX_INCIDENTS) throw tooLarge();
        if (rows.length < BATCH) return builder.build();
      }
    },
    'repeatable read',
  );
}

async function municipalities(tx: Transaction): Promise<Place[]> {
  const { rows } = await tx.query<Place>(
    `SELECT code AS id, parent_code AS region, lat, lon FROM areas WHERE kind = 'municipality' ORDER BY code`,
  );
  return rows;
}

function tooLarge(): HaloError {
  return new HaloError('history_too_large', `There are more than ${MAX_INCIDENTS} incidents to learn from.`, {
    hint: 'Older ones must be left out; nothing is forecast from a part of them unseen.',
  });
}
