import type pg from 'pg';
import { HaloError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';
import type { ReadableBackup } from './readable-backup.ts';
import { checkBackup, restoreBackup } from './restore-backup.ts';
import { inSession, withDatabase } from './session.ts';
import { refuseUnlessFits } from './trial-room.ts';

const INSUFFICIENT_PRIVILEGE = '42501';

/** What must be zero in a database that is right, by what would be wrong. */
const FAULTS: Readonly<Record<string, string>> = {
  'answers above their device’s last number': `
    SELECT count(*) FROM ledger l JOIN devices d ON d.id = l.device_id WHERE l.seq > d.last_seq`,
  'reports that were settled and are not there': `
    SELECT count(*) FROM ledger l
     WHERE l.type = 'report.create' AND l.status = 'applied' AND NOT EXISTS (SELECT FROM reports r WHERE r.id = l.id)`,
  'reports without their incident': `
    SELECT count(*) FROM reports r
     WHERE r.incident_id IS NOT NULL AND NOT EXISTS (SELECT FROM incidents i WHERE i.id = r.incident_id)`,
  'incidents that nobody has reported': `
    SELECT count(*) FROM incidents i
     WHERE i.merged_into IS NULL AND i.report_count > 0 AND NOT EXISTS (SELECT FROM reports r WHERE r.incident_id = i.id)`,
  'forecasts of models that are not there': `
    SELECT count(*) FROM champions c WHERE NOT EXISTS (SELECT FROM models m WHERE m.id = c.model_id)`,
  'histories other than one': 'SELECT abs(count(*) - 1) FROM replication_epoch',
};

/** What a verification came to. */
export interface Verified {
  readonly takenAt: Date;
  readonly tables: number;
  readonly rows: number;
  /** Queries that found nothing wrong. */
  readonly queries: number;
}

/**
 * Restores a backup into a database of its own, counts its rows, asks it what would be wrong, and drops it again.
 *
 * @param scratch the name of that database: what is left of one of this name from before is dropped
 * @throws HaloError as restoring does; `backup_verify_refused` where the role may not make databases; `backup_verify_too_large`;
 * `backup_contents_wrong` where the queries found something
 */
export async function verifyBackup(
  url: string,
  scratch: string,
  backup: ReadableBackup,
  logger: Logger,
  signal: AbortSignal,
): Promise<Verified> {
  const checked = await checkBackup(backup);
  if (checked.header.method === 'pg_dump') await inSession(url, signal, refuseUnlessFits);
  await inSession(url, signal, (client) => makeScratch(client, scratch));
  try {
    const scratchUrl = withDatabase(url, scratch);
    await restoreBackup(scratchUrl, backup, checked, logger, signal);
    await inSession(scratchUrl, signal, askWhatIsWrong);
  } finally {
    // Also when it was interrupted: what cannot be dropped now is dropped before the next.
    await inSession(url, AbortSignal.timeout(60_000), (client) => dropScratch(client, scratch)).catch(
      (error: unknown) =>
        logger.warn({ err: error, component: 'backups' }, 'a trial database was not dropped'),
    );
  }
  const { rows } = checked.manifest;
  return {
    takenAt: checked.header.takenAt,
    tables: Object.keys(rows).length,
    rows: Object.values(rows).reduce((sum, count) => sum + count, 0),
    queries: Object.keys(FAULTS).length,
  };
}

async function makeScratch(client: pg.Client, name: string): Promise<void> {
  try {
    await dropScratch(client, name);
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)} TEMPLATE template0`);
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== INSUFFICIENT_PRIVILEGE) throw cause;
    throw new HaloError('backup_verify_refused', 'The role may not make a database to restore into.', {
      field: 'HALO_BACKUP_VERIFY',
      hint: 'Give it the right (ALTER ROLE … CREATEDB), or set HALO_BACKUP_VERIFY to off and verify elsewhere.',
      cause,
    });
  }
}

async function dropScratch(client: pg.Client, name: string): Promise<void> {
  await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`);
}

async function askWhatIsWrong(client: pg.Client): Promise<void> {
  const wrong: string[] = [];
  for (const [what, sql] of Object.entries(FAULTS)) {
    const { rows: found } = await client.query<{ count: string }>(sql);
    const count = Number(Object.values(found[0] ?? {})[0]);
    if (count !== 0) wrong.push(`${count} ${what}`);
  }
  if (wrong.length === 0) return;
  throw new HaloError('backup_contents_wrong', `What was restored is not right: ${wrong.join('; ')}.`, {
    hint: 'The database that it was taken of is most likely wrong in the same way.',
  });
}
