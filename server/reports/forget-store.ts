import type { Transaction } from '../db/pool.ts';
import type { ReportPlace } from './report.ts';

/**
 * Takes off a report who made it, on which device, and what it said before; from here on it links with nothing. What somebody said
 * before he had an account is of one with what he said afterwards, or the two would corroborate each other.
 */
export async function forgetAuthor(tx: Transaction, reportId: string): Promise<void> {
  await forgetVersions(tx, reportId);
  await tx.query(
    `UPDATE reports SET reporter_id = NULL, device_id = NULL, claimed_at = NULL, clock_suspect = false, forgotten = true,
       anonymous = anonymous AND NOT EXISTS (SELECT FROM users WHERE users.id = reporter_id AND users.kind <> 'anonymous'), updated_at = now()
     WHERE id = $1`,
    [reportId],
  );
}

/**
 * Puts less into a report than it said. That is no new version: its author amends what he saw of it as before. Where its place is made coarse
 * it links with nothing from here on, for it would be joined with strangers of its cell.
 */
export async function sayLess(
  tx: Transaction,
  reportId: string,
  description: string,
  { lat, lon, accuracyM }: ReportPlace,
  isCoarse: boolean,
): Promise<void> {
  await tx.query(
    `UPDATE reports SET description = $2, lat = $3, lon = $4, accuracy_m = $5, forgotten = forgotten OR $6, updated_at = now()
     WHERE id = $1 AND (description, lat, lon, accuracy_m, forgotten) IS DISTINCT FROM ($2, $3, $4, $5, forgotten OR $6)`,
    [reportId, description, lat, lon, accuracyM, isCoarse],
  );
}

/** Forgets what a report said before it was amended. */
export async function forgetVersions(tx: Transaction, reportId: string): Promise<void> {
  await tx.query('DELETE FROM report_versions WHERE report_id = $1', [reportId]);
}
