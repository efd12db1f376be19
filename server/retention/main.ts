import { runCommand } from '../compose/run-command.ts';
import type { CommandParts } from '../compose/run-command.ts';
import { openDatabase } from '../import/open-database.ts';
import { createLeases } from '../jobs/lease.ts';
import { RETENTION_JOB } from '../jobs/run-store.ts';
import { HaloError } from '../platform/errors.ts';
import { sleep } from '../platform/sleep.ts';
import { retentionPolicies } from '../privacy/retention/policies.ts';
import { sweep } from '../privacy/retention/sweep.ts';
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
  const now = new Date();
  say((await dueTable(pool, policies, now)).trimEnd());
  if (!applies) return;
  const lease = await createLeases({ databaseUrl: url, logger }).tryAcquire(RETENTION_JOB);
  if (lease === undefined) throw new HaloError('retention_running', 'The nightly job is doing it just now.');
  closers.add('lease', () => lease.release());
  const swept = await sweep(
    { pool, policies, now, sleep, logger },
    () => {},
    AbortSignal.any([signal, lease.lost]),
  );
  for (const { name, rows, more } of swept)
    say(`${name}: ${rows} forgotten${more ? ', and more are left' : ''}`);
}
