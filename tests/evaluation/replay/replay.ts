import { uuidv7 } from 'uuidv7';
import type { Pool } from '../../../server/db/pool.ts';
import { inTransaction } from '../../../server/db/transaction.ts';
import { applyItems } from '../../../server/feeds/apply-items.ts';
import { readItems } from '../../../server/feeds/feed-store.ts';
import { diffWindow } from '../../../server/feeds/polisen/diff-window.ts';
import { POLISEN } from '../../../server/feeds/polisen/polisen-source.ts';
import { groupReports } from '../../../server/reports/groups.ts';
import { REPORT_COLUMNS, reportFromRow } from '../../../server/reports/report-row.ts';
import type { ReportRow } from '../../../server/reports/report-row.ts';
import { createReportWriter } from '../../../server/reports/report-writer.ts';
import type { Step } from './archive.ts';

/** Steps that are applied in one transaction, none of them of the same event. */
const MAX_STEPS = 400;
/** As if it had been polled so often, in milliseconds. */
const POLL_MS = 6 * 3_600_000;

/**
 * Applies steps in the order of time, by the poller's own comparison with what is known and its own writing. What it does
 * not go through is the judgement of whole windows: the archive has not kept the order of the feed, by which these are judged.
 */
export async function replay(
  pool: Pool,
  steps: readonly Step[],
  onProgress: (done: number) => void = () => {},
): Promise<void> {
  const parts = { reports: createReportWriter({ newId: uuidv7 }), newId: uuidv7 };
  for (let from = 0; from < steps.length;) {
    const batch = batchFrom(steps, from);
    from += batch.length;
    await inTransaction(pool, async (tx) => {
      const stored = await readItems(
        tx,
        POLISEN.feed,
        batch.map(({ id }) => id),
      );
      const items = batch.flatMap(({ item }) => (item === undefined ? [] : [item]));
      const { added, changed, restored } = diffWindow({ items, presentIds: [] }, false, stored, undefined);
      const withdrawnIds = batch.filter(({ item }) => item === undefined).map(({ id }) => id);
      const at = batch.at(-1)?.at ?? new Date(0);
      await applyItems(tx, parts, POLISEN, { added, changed, restored, withdrawnIds }, stored, at);
    });
    onProgress(from);
  }
}

function batchFrom(steps: readonly Step[], from: number): Step[] {
  const ids = new Set<string>();
  const batch: Step[] = [];
  for (const step of steps.slice(from, from + MAX_STEPS)) {
    const isLater = batch[0] !== undefined && step.at.getTime() - batch[0].at.getTime() > POLL_MS;
    if (isLater || ids.has(step.id)) break;
    ids.add(step.id);
    batch.push(step);
  }
  return batch;
}

/** What Postgres holds afterwards. */
export interface Outcome {
  readonly events: number;
  readonly versions: number;
  readonly gone: ReadonlySet<string>;
  /** Reports of incidents that are not withdrawn. */
  readonly reports: number;
  readonly incidents: number;
  /** Whether incidents are the groups that linking finds in all reports at once. */
  readonly incidentsAreTheGroups: boolean;
  /** Events whose time lies more than a day after their publication. */
  readonly aheadOfTheirTime: number;
}

/** Reads the outcome back. */
export async function readOutcome(pool: Pool): Promise<Outcome> {
  const items = await pool.query<{ id: string; gone: boolean; ahead: boolean }>(
    `SELECT source_id AS id, withdrawn_at IS NOT NULL AS gone,
       coalesce(occurred_at > published_at + interval '1 day', false) AS ahead FROM feed_items`,
  );
  const versions = await pool.query<{ n: number }>('SELECT count(*)::int AS n FROM feed_item_versions');
  const { rows } = await pool.query<ReportRow>(
    `SELECT ${REPORT_COLUMNS} FROM reports WHERE status = 'active'`,
  );
  const open = await pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM incidents WHERE status = 'open'`,
  );
  const reports = rows.map(reportFromRow);
  const names = groupReports(reports).map(
    ({ members }) => new Set(members.map(({ incidentId }) => incidentId)),
  );
  const isOne = names.every(({ size }) => size === 1);
  const incidents = new Set(reports.map(({ incidentId }) => incidentId)).size;
  return {
    events: items.rows.length,
    versions: versions.rows[0]?.n ?? NaN,
    gone: new Set(items.rows.filter(({ gone }) => gone).map(({ id }) => id)),
    reports: reports.length,
    incidents: open.rows[0]?.n ?? NaN,
    incidentsAreTheGroups: isOne && names.length === incidents,
    aheadOfTheirTime: items.rows.filter(({ ahead }) => ahead).length,
  };
}
