import { openDatabase } from '../../import/open-database.ts';
import { loadConfig } from '../../config/config.ts';
import { createLeases } from '../../jobs/lease.ts';
import { RETENTION_JOB } from '../../jobs/run-store.ts';
import { HaloError, isHaloError, messageOf } from '../../platform/errors.ts';
import { createLogger } from '../../platform/logger.ts';
import { sleep } from '../../platform/sleep.ts';
import { retentionPolicies } from '../../privacy/retention/policies.ts';
import { sweep } from '../../privacy/retention/sweep.ts';
import { createReportAnonymiser } from '../../reports/anonymise.ts';
import { createClosers } from '../closers.ts';
import { stopSignal } from '../process.ts';
import { dueTable } from './due-table.ts';

const USAGE = `Usage: npm run retention [-- --apply]

Says what has been kept for longer than the HALO_KEEP_… variables allow, and changes nothing. With --apply it is forgotten now, as
the job does each night. A database is found as by npm start, whether or not a server runs.
`;

const controller = new AbortController();
void stopSignal().then((signal) => {
  process.stderr.write(`\n${signal}: ending after the rows under way …\n`);
  controller.abort(new Error('interrupted'));
});
const logger = createLogger('warn');
const closers = createClosers(logger);

async function run(args: readonly string[]): Promise<void> {
  const unknown = args.find((arg) => arg !== '--apply' && arg !== '--dry-run');
  if (unknown !== undefined) {
    process.stdout.write(USAGE);
    process.exitCode = unknown === '--help' ? 0 : 1;
    return;
  }
  const config = loadConfig();
  const policies = retentionPolicies(config.keptDays, createReportAnonymiser());
  const { pool, url } = await openDatabase(config, logger, closers);
  const now = new Date();
  process.stdout.write(await dueTable(pool, policies, now));
  if (!args.includes('--apply')) return;
  const lease = await createLeases({ databaseUrl: url, logger }).tryAcquire(RETENTION_JOB);
  if (lease === undefined) throw new HaloError('retention_running', 'The nightly job is doing it just now.');
  closers.add('lease', () => lease.release());
  const swept = await sweep({ pool, policies, now, sleep, logger }, () => {}, controller.signal);
  for (const { name, rows, more } of swept)
    process.stdout.write(`${name}: ${rows} forgotten${more ? ', and more are left' : ''}\n`);
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  const hint = isHaloError(error) && error.hint !== undefined ? ` ${error.hint}` : '';
  process.stderr.write(`Nothing more is forgotten: ${messageOf(error)}${hint}\n`);
  process.exitCode = 1;
} finally {
  await closers.closeAll();
  // Only the listeners for signals would keep the process.
  process.exit();
}
