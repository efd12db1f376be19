import type { Job } from '../../jobs/job.ts';
import { recordedJob } from '../../jobs/recorded-run.ts';
import type { RunParts } from '../../jobs/recorded-run.ts';
import { BACKUP_JOB, BACKUP_VERIFY_JOB } from '../../jobs/run-store.ts';
import { backingUp, verifying } from './backup-run.ts';
import type { BackupParts } from './backup-run.ts';

/** On Sundays, when the night's other work is done. */
export const VERIFY_SCHEDULE = '40 3 * * 0';

/** The nightly backup, and its weekly trial where that is wanted, each under a lease of its own and with a record. */
export function backupJobs(
  parts: BackupParts & RunParts,
  { schedule, verify }: { readonly schedule: string; readonly verify: boolean },
): Job[] {
  const jobs = [recordedJob(parts, BACKUP_JOB, schedule, backingUp(parts))];
  // The very first waits for its day, since there may be no backup yet.
  const once = { firstWaits: true };
  return verify
    ? [...jobs, recordedJob(parts, BACKUP_VERIFY_JOB, VERIFY_SCHEDULE, verifying(parts), once)]
    : jobs;
}
