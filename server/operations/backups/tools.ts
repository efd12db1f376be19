import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HaloError } from '../../platform/errors.ts';
import type { Part } from './backup.ts';

const MAX_SAID_BYTES = 8_192;
const VERSION_NUMBERS_PER_MAJOR = 10_000;
/** The part of an archive that pg_dump's output is. */
export const DUMP_PART = 'pg_dump';

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

/** Whether these tools can take a backup of a Postgres of this version, and put it back. pg_dump refuses newer ones than itself. */
export function canDump({ dump, restore }: PostgresTools, postgres: number): boolean {
  const major = Math.floor(postgres / VERSION_NUMBERS_PER_MAJOR);
  return dump !== undefined && restore !== undefined && dump >= major && restore >= dump;
}

/** What pg_dump says of a database as a snapshot sees it, which the caller holds open. */
export async function* dumpParts(url: string, snapshot: string, signal: AbortSignal): AsyncGenerator<Part> {
  const args = ['--format=custom', '--compress=0', '--no-owner', '--no-privileges', `--snapshot=${snapshot}`];
  const { dbname, env } = connection(url);
  const child = spawn('pg_dump', [...args, `--dbname=${dbname}`], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  const ended = endOf(child, 'pg_dump', signal);
  // It is asked for only once all bytes have come.
  ended.catch(() => {});
  yield {
    name: DUMP_PART,
    bytes: (async function* () {
      try {
        for await (const chunk of child.stdout) yield chunk as Buffer;
        await ended;
      } finally {
        child.kill();
      }
    })(),
  };
}

/** Puts what pg_dump said into an empty database, all of it or nothing. */
export async function restoreDump(url: string, dump: Readable, signal: AbortSignal): Promise<void> {
  const { dbname, env } = connection(url);
  const args = ['--no-owner', '--no-privileges', '--exit-on-error', '--single-transaction'];
  const child = spawn('pg_restore', [...args, `--dbname=${dbname}`], {
    env,
    stdio: ['pipe', 'ignore', 'pipe'],
    signal,
  });
  const ended = endOf(child, 'pg_restore', signal);
  const fed = pipeline(dump, child.stdin);
  const [end, feed] = await Promise.allSettled([ended, fed]);
  // What was wrong with the bytes says more than that the tool did not like them; a pipe that it closed says less.
  if (feed.status === 'rejected' && (feed.reason as NodeJS.ErrnoException).code !== 'EPIPE')
    throw feed.reason;
  if (end.status === 'rejected') throw end.reason;
}

/** The password goes by the environment: arguments are to be seen by everybody on the machine. */
function connection(url: string): { readonly dbname: string; readonly env: NodeJS.ProcessEnv } {
  const bare = new URL(url);
  const password = decodeURIComponent(bare.password);
  bare.password = '';
  // eslint-disable-next-line no-restricted-properties -- what a program is started with, and no setting of Halo's
  const { PATH, LANG, HOME } = process.env;
  return { dbname: bare.href, env: { PATH, LANG, HOME, PGPASSWORD: password, PGAPPNAME: 'halo backup' } };
}

/** Resolves when a tool has done its work, and rejects with `backup_tool_failed` when it has not. */
async function endOf(child: ReturnType<typeof spawn>, name: string, signal: AbortSignal): Promise<void> {
  let said = '';
  child.stderr?.on('data', (bytes: Buffer) => (said = (said + bytes.toString()).slice(-MAX_SAID_BYTES)));
  let failure: unknown;
  child.once('error', (error) => (failure = error));
  const [code] = (await once(child, 'close')) as [number | null];
  signal.throwIfAborted();
  if (failure === undefined && code === 0) return;
  throw new HaloError('backup_tool_failed', `${name} failed (${code ?? 'it was ended'}).`, {
    hint: 'The log has what it said; HALO_BACKUP_METHOD=copy does without it.',
    cause: failure ?? new Error(said),
  });
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
