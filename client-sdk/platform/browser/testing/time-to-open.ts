import type { Halo } from '../../../api.ts';
import type { ReplicaDatabase } from '../../../replica/replica-database.ts';

/** What opening a device took, in milliseconds from the call of `openHalo`. */
export interface OpenTimes {
  /** Until a query was answered from the replica. */
  readonly firstRowsMs: number;
  /** Until every stream was live. */
  readonly liveMs: number;
  readonly rows: number;
  /** How many rows that first query had: none where the replica was not there yet. */
  readonly firstRows: number;
}

/** What a screen asks for first. */
export const FIRST_QUERY = `SELECT id, type, severity, lat, lon, occurred_at FROM incidents
  WHERE region = '01' AND status = 'open' ORDER BY occurred_at DESC, id LIMIT 50`;

/** Opens a device and times it; the device stays open. */
export async function timeToOpen(open: () => Promise<Halo>): Promise<{ halo: Halo; times: OpenTimes }> {
  const startedAt = performance.now();
  const halo = await open();
  const found = await halo.query(FIRST_QUERY);
  const firstRowsMs = performance.now() - startedAt;
  await halo.whenLive();
  const liveMs = performance.now() - startedAt;
  const [counted] = await halo.query<{ n: number }>('SELECT count(*)::int AS n FROM incidents');
  return { halo, times: { firstRowsMs, liveMs, rows: counted!.n, firstRows: found.length } };
}

/** Opens the Postgres of a device alone, without the client, and times the same; it stays open. */
export async function timeToOpenAlone<Postgres extends Pick<ReplicaDatabase, 'query'>>(
  open: () => Promise<Postgres>,
): Promise<{ postgres: Postgres; times: OpenTimes }> {
  const startedAt = performance.now();
  const postgres = await open();
  const found = await postgres.query(FIRST_QUERY);
  const firstRowsMs = performance.now() - startedAt;
  const { rows } = await postgres.query<{ n: number }>('SELECT count(*)::int AS n FROM incidents');
  const times = { firstRowsMs, liveMs: firstRowsMs, rows: rows[0]!.n, firstRows: found.rows.length };
  return { postgres, times };
}

/** Opens a Postgres with nothing in it and times that; it stays open. */
export async function timeToMakeEmpty<Postgres extends Pick<ReplicaDatabase, 'query'>>(
  open: () => Promise<Postgres>,
): Promise<{ postgres: Postgres; times: OpenTimes }> {
  const startedAt = performance.now();
  const postgres = await open();
  await postgres.query('SELECT 1 AS one');
  const liveMs = performance.now() - startedAt;
  return { postgres, times: { firstRowsMs: liveMs, liveMs, rows: 0, firstRows: 0 } };
}
