import { uuidv7 } from 'uuidv7';
import { runCommand } from '../compose/run-command.ts';
import type { CommandParts } from '../compose/run-command.ts';
import { openDatabase } from '../import/open-database.ts';
import { createLeases } from '../jobs/lease.ts';
import { beginRecorded } from '../jobs/recorded-run.ts';
import { RETENTION_JOB } from '../jobs/run-store.ts';
import { systemClock } from '../platform/clock.ts';
import { HaloError } from '../platform/errors.ts';
import { retentionPolicies } from '../privacy/retention/policies.ts';
import { forgetting } from '../privacy/retention/retention-job.ts';
import type { SweptPolicy } from '../privacy/retention/sweep.ts';
import { createReportAnonymiser } from '../reports/anonymise.ts';
import { dueTable } from './due-table.ts';

const USAGE = `Usage: npm run retention [-- --apply]

Says what has been kept for longer than the HALO_KEEP_… variables allow, and changes nothing. With --apply it is forgotten now, as
the job does each night. A database is found as by npm start, whether or not a server runs.
`;

/** What `npm run retention` runs. */
await runCommand(async (parts) => {
  const args = process.argv.slice(2);
  if (args.includes('--help')) return parts.say(USAGE);
  const unknown = args.find((arg) => arg !== '--apply' && arg !== '--dry-run');
  if (unknown !== undefined)
    throw new HaloError('retention_usage', `There is no option ${unknown}.`, {
      hint: 'npm run retention -- --help says more.',
    });
  await run(args.includes('--apply'), parts);
});

async function run(applies: boolean, { config, logger, closers, signal, say }: CommandParts): Promise<void> {
  const policies = retentionPolicies(config.keptDays, createReportAnonymiser());
  const { pool, url } = await openDatabase(config, logger, closers);
  say((await dueTable(pool, policies, systemClock.now())).trimEnd());
  if (!applies) return;
  const lease = await createLeases({ databaseUrl: url, logger }).tryAcquire(RETENTION_JOB);
  if (lease === undefined) throw new HaloError('retention_running', 'The nightly job is doing it just now.');
  closers.add('lease', () => lease.release());
  const recorded = { pool, newId: uuidv7, clock: systemClock, logger };
  const run = await beginRecorded(recorded, { job: RETENTION_JOB, trigger: 'manual', requestedBy: null });
  const end = await run.finish(forgetting(recorded, policies), AbortSignal.any([signal, lease.lost]));
  const swept = (end.result?.['policies'] ?? []) as readonly SweptPolicy[];
  for (const { name, rows, more } of swept)
    say(`${name}: ${rows} forgotten${more ? ', and more are left' : ''}`);
  if ('code' in end) throw new HaloError(end.code, end.error);
}
