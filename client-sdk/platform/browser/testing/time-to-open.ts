import type { Halo } from '../../../api.ts';

/** What opening a device took, in milliseconds from the call of `openHalo`. */
export interface OpenTimes {
  /** Until a query was answered from the replica. */
  readonly firstRowsMs: number;
  /** Until every stream was live. */
  readonly liveMs: number;
  readonly rows: number;
}

/** What a screen asks for first. */
export const FIRST_QUERY = `SELECT id, type, severity, lat, lon, occurred_at FROM incidents
  WHERE region = '01' AND status = 'open' ORDER BY occurred_at DESC, id LIMIT 50`;

/** Opens a device and times it; the device stays open. */
export async function timeToOpen(open: () => Promise<Halo>): Promise<{ halo: Halo; times: OpenTimes }> {
  const startedAt = performance.now();
  const halo = await open();
  await halo.query(FIRST_QUERY);
  const firstRowsMs = performance.now() - startedAt;
  await halo.whenLive();
  const liveMs = performance.now() - startedAt;
  const [counted] = await halo.query<{ n: number }>('SELECT count(*)::int AS n FROM incidents');
  return { halo, times: { firstRowsMs, liveMs, rows: counted!.n } };
}
