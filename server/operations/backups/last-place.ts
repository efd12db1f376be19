import type { Queryable } from '../../db/pool.ts';
import { BACKUP_JOB } from '../../jobs/run-store.ts';
import { HaloError } from '../../platform/errors.ts';

/** What backups of a house that lie in a place tell of it. */
export interface PlaceFacts {
  /** The last backup of the house that is known, without an ending; undefined where none is. */
  readonly last: string | undefined;
  /** Names of cards of the house that lie here, but for one that was just taken. */
  readonly here: readonly string[];
  /** Whether no other instance runs. */
  readonly isAlone: boolean;
}

/**
 * Judges whether a place is where the last backup of the house went; pure. `new`: the only instance was given an empty one. `differs`: it
 * has older backups and not the last, or other instances may have that: then they lie in several places, and none has all.
 */
export function judgePlace({ last, here, isAlone }: PlaceFacts): 'same' | 'new' | 'differs' {
  if (last === undefined || here.includes(`${last}.json`)) return 'same';
  return here.length === 0 && isAlone ? 'new' : 'differs';
}

/** The last backup that was taken into the place that is set; one that was put elsewhere by hand is none. */
export async function lastBackup(db: Queryable): Promise<string | undefined> {
  const { rows } = await db.query<{ backup: string }>(
    `SELECT result->>'backup' AS backup FROM job_runs
      WHERE job = $1 AND result ? 'backup' AND NOT result ? 'elsewhere' ORDER BY started_at DESC LIMIT 1`,
    [BACKUP_JOB],
  );
  return rows[0]?.backup;
}

/** Whether no more than one instance has told of itself of late; each does every few seconds. */
export async function isAlone(db: Queryable): Promise<boolean> {
  const { rows } = await db.query<{ alive: number }>(
    `SELECT count(*)::int AS alive FROM instance_status WHERE reported_at > now() - interval '1 minute'`,
  );
  return (rows[0]?.alive ?? 0) <= 1;
}

/** The error for a place that lacks the last backup. */
export function placeDiffers(): HaloError {
  return new HaloError(
    'backup_place_differs',
    'The last backup of this house is not in the place of backups of this instance.',
    {
      field: 'HALO_BACKUP_DIR',
      hint: 'Give all instances one place that each of them reaches. Where you have moved it, take a backup by hand: npm run backup.',
    },
  );
}
