import { recordAct } from '../audit/audit-log.ts';
import type { Actor } from '../audit/audit-log.ts';
import type { Pool, Queryable, Transaction } from '../db/pool.ts';
import { comesAfter, microsOf } from '../db/keyset.ts';
import { inTransaction } from '../db/transaction.ts';
import type { KeysetPosition } from '../platform/keyset-cursor.ts';

/** Jobs that keep a record of their runs; each has a lease of the same name. */
export const RETRAIN_JOB = 'retrain';
export const SCORE_JOB = 'score';
export const BACKUP_JOB = 'backup';
export const BACKUP_VERIFY_JOB = 'backup-verify';
export const RETENTION_JOB = 'retention';
export const RECORDED_JOBS = [RETRAIN_JOB, SCORE_JOB, BACKUP_JOB, BACKUP_VERIFY_JOB, RETENTION_JOB] as const;
export type RecordedJob = (typeof RECORDED_JOBS)[number];

/** Records that are kept of each job, the newest: of three years of nights, and of six weeks of hours. */
const MAX_RUNS_KEPT = 1_000;

/** A run as it was or is. */
export interface Run {
  readonly id: string;
  readonly job: string;
  readonly trigger: 'schedule' | 'manual';
  readonly requestedBy: string | null;
  readonly state: 'running' | 'succeeded' | 'failed' | 'abandoned';
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly step: string;
  /** Share that is done, 0 to 1. */
  readonly progress: number;
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly errorCode: string | null;
  readonly error: string | null;
}

const COLUMNS = `id, job, trigger, requested_by AS "requestedBy", state, started_at AS "startedAt", finished_at AS "finishedAt",
  step, progress, result, error_code AS "errorCode", error`;

/** How a run begins. */
export interface NewRun {
  readonly id: string;
  readonly job: RecordedJob;
  readonly trigger: 'schedule' | 'manual';
  /** Who triggered it by hand. */
  readonly requestedBy: Actor | null;
}

/**
 * Records that a run has begun. The caller holds the job's lease, so that whatever else is said to run has lost its
 * holder: it is marked abandoned. Resolves with the ids of those.
 */
export async function beginRun(
  pool: Pool,
  { id, job, trigger, requestedBy }: NewRun,
  now: Date,
): Promise<string[]> {
  return inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ id: string }>(
      `UPDATE job_runs SET state = 'abandoned', finished_at = $2, error_code = 'run_abandoned',
         error = 'The instance that ran it is gone, or has lost touch with Postgres.'
       WHERE job = $1 AND state = 'running' RETURNING id`,
      [job, now],
    );
    await tx.query(
      'INSERT INTO job_runs (id, job, trigger, requested_by, started_at) VALUES ($1, $2, $3, $4, $5)',
      [id, job, trigger, requestedBy?.userId ?? null, now],
    );
    // A scoring follows from what its asker decided, which has an entry of its own.
    if (requestedBy !== null && job === RETRAIN_JOB)
      await recordAct(tx, requestedBy, { action: 'retrain.triggered', target: { kind: 'job_run', id } });
    await tx.query(
      `DELETE FROM job_runs WHERE job = $1 AND id IN
         (SELECT id FROM job_runs WHERE job = $1 ORDER BY started_at DESC, id DESC OFFSET $2)`,
      [job, MAX_RUNS_KEPT],
    );
    return rows.map((row) => row.id);
  });
}

/** Says how far a run is; nothing where it is not under way any more. */
export async function reportProgress(db: Queryable, id: string, step: string, share: number): Promise<void> {
  await db.query(`UPDATE job_runs SET step = $2, progress = $3 WHERE id = $1 AND state = 'running'`, [
    id,
    step,
    Math.min(1, Math.max(0, share)),
  ]);
}

/** Whether a run is under way; whoever takes its lease over waits until the transaction's end to call it abandoned. */
export async function lockRunning(tx: Transaction, id: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    `SELECT id FROM job_runs WHERE id = $1 AND state = 'running' FOR SHARE`,
    [id],
  );
  return rowCount === 1;
}

/** How a run ended: what it came to, or a stable code and a sentence. */
export type RunEnd =
  | { readonly result: Readonly<Record<string, unknown>> }
  | { readonly code: string; readonly error: string; readonly result?: Readonly<Record<string, unknown>> };

/** Records how a run ended. False where another holder of the lease has called it abandoned before. */
export async function finishRun(db: Queryable, id: string, end: RunEnd, now: Date): Promise<boolean> {
  const failed = 'code' in end;
  const { rowCount } = await db.query(
    `UPDATE job_runs SET state = $2, finished_at = $3, result = $4::jsonb, error_code = $5, error = $6,
       progress = CASE WHEN $2 = 'succeeded' THEN 1 ELSE progress END
     WHERE id = $1 AND state = 'running'`,
    [
      id,
      failed ? 'failed' : 'succeeded',
      now,
      end.result === undefined ? null : JSON.stringify(end.result),
      failed ? end.code : null,
      failed ? end.error : null,
    ],
  );
  return rowCount === 1;
}

/** Code of a run that ended because its server was stopped, or its lease lost. */
export const RUN_INTERRUPTED = 'run_interrupted';

/** The newest run of a job, on any instance. */
export interface LastRun {
  /**
   * When it began, of those that no stop cut off. One whose process died counts: were it begun again at each start, what killed
   * the process might kill it for ever.
   */
  readonly at: Date | undefined;
  /** Whether any run is known, cut off or not. */
  readonly any: boolean;
}

/** Reads when a job last ran. */
export async function lastRun(db: Queryable, job: RecordedJob): Promise<LastRun> {
  const { rows } = await db.query<{ at: Date | null; any: boolean }>(
    `SELECT max(started_at) FILTER (WHERE error_code IS DISTINCT FROM $2) AS at, count(*) > 0 AS any
       FROM job_runs WHERE job = $1`,
    [job, RUN_INTERRUPTED],
  );
  return { at: rows[0]?.at ?? undefined, any: rows[0]?.any === true };
}

/** The run of the job that is under way, as far as is recorded. */
export async function runningRun(db: Queryable, job: RecordedJob): Promise<string | undefined> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT id FROM job_runs WHERE job = $1 AND state = 'running'`,
    [job],
  );
  return rows[0]?.id;
}

/** One run. */
export async function findRun(db: Queryable, id: string): Promise<Run | undefined> {
  const { rows } = await db.query<Run>(`SELECT ${COLUMNS} FROM job_runs WHERE id = $1`, [id]);
  return rows[0];
}

/** Runs that come after a position, the newest first. */
export async function listRuns(
  db: Queryable,
  { job, state }: { readonly job?: string | undefined; readonly state?: string | undefined },
  after: KeysetPosition | undefined,
  limit: number,
): Promise<{ readonly item: Run; readonly position: KeysetPosition }[]> {
  const { rows } = await db.query<Run & { micros: number }>(
    `SELECT ${COLUMNS}, ${microsOf('started_at')} AS micros FROM job_runs
     WHERE ($1::text IS NULL OR job = $1) AND ($2::text IS NULL OR state = $2)
       AND ($3::float8 IS NULL OR ${comesAfter('started_at', 'id', '$3', '$4')})
     ORDER BY started_at DESC, id DESC LIMIT $5`,
    [job ?? null, state ?? null, after?.micros ?? null, after?.id ?? null, limit],
  );
  return rows.map(({ micros, ...item }) => ({ item, position: { micros, id: item.id } }));
}
