import { spawn } from 'node:child_process';
import { HaloError } from '../../platform/errors.ts';

const VERSION_NUMBERS_PER_MAJOR = 10_000;
/** From this major on pg_restore sends a setting, `transaction_timeout`, that servers before it refuse. */
const SENDS_TRANSACTION_TIMEOUT = 17;
/** Of newer ones nobody knows yet what they send: they are for servers of their own version alone. */
const NEWEST_KNOWN = 18;

/** Postgres's own tools, as far as they are here. */
export interface PostgresTools {
  /** Major versions; undefined where the tool is not there. */
  readonly dump: number | undefined;
  readonly restore: number | undefined;
}

/** Looks which tools are in the path. */
export async function findTools(): Promise<PostgresTools> {
  return { dump: await majorOf('pg_dump'), restore: await majorOf('pg_restore') };
}

/**
 * Whether these tools can take a backup of a Postgres of this version, and put it back into one. pg_dump refuses newer
 * servers than itself; what pg_restore sends is refused by some that are older.
 */
export function canDump({ dump, restore }: PostgresTools, postgres: number): boolean {
  const major = majorOfServer(postgres);
  if (dump === undefined || restore === undefined || dump < major || restore < dump) return false;
  return restore === major || (restore <= NEWEST_KNOWN && !sendsUnknown(restore, postgres));
}

/** Whether pg_restore of this major sends a setting that a server of this version does not know. */
export function sendsUnknown(restore: number, postgres: number): boolean {
  return restore >= SENDS_TRANSACTION_TIMEOUT && majorOfServer(postgres) < SENDS_TRANSACTION_TIMEOUT;
}

/** How an archive of pg_dump is put into a Postgres. */
export type RestoreWay =
  /** pg_restore speaks to it by itself. */
  | 'direct'
  /** pg_restore writes a script, and psql runs it without what that Postgres does not know. */
  | 'script';

/** Finds the way that the tools here have. Fails with `backup_tools_missing` where there is none. */
export async function findRestoreWay(postgres: number): Promise<RestoreWay> {
  const restore = await majorOf('pg_restore');
  if (restore !== undefined && !sendsUnknown(restore, postgres)) return 'direct';
  if (restore !== undefined && (await majorOf('psql')) !== undefined) return 'script';
  throw new HaloError(
    'backup_tools_missing',
    restore === undefined
      ? 'The backup was taken by pg_dump, and pg_restore is not here.'
      : `pg_restore ${restore} cannot put it into a Postgres of ${majorOfServer(postgres)} without psql, which is not here.`,
    {
      hint: 'Install the client tools of Postgres, pg_restore and psql, at least as new as those that took the backup.',
    },
  );
}

function majorOfServer(postgres: number): number {
  return Math.floor(postgres / VERSION_NUMBERS_PER_MAJOR);
}

async function majorOf(tool: string): Promise<number | undefined> {
  const child = spawn(tool, ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] });
  let said = '';
  child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
  const found = await new Promise<boolean>((resolve) => {
    child.once('error', () => resolve(false));
    child.once('close', (code) => resolve(code === 0));
  });
  const major = Number(/ (\d+)(\.|devel|beta|rc| |$)/m.exec(said)?.[1]);
  return found && Number.isInteger(major) ? major : undefined;
}
