import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HaloError } from '../../platform/errors.ts';
import type { Part } from './backup.ts';
import { withKnownSettings } from './known-settings.ts';
import { toolConnection } from './tool-connection.ts';
import type { RestoreWay } from './tools.ts';

const MAX_SAID_BYTES = 8_192;
/** The part of an archive that pg_dump's output is. */
export const DUMP_PART = 'pg_dump';

const HINTS = {
  pg_dump: 'The log has what it said; HALO_BACKUP_METHOD=copy does without it.',
  pg_restore: 'The log has what it said. It must be at least as new as the pg_dump that took the backup.',
  psql: 'The log has what it said. It must be of the same version as pg_restore.',
} as const;
type Tool = keyof typeof HINTS;

/** What pg_dump says of a database as a snapshot sees it, which the caller holds open. */
export async function* dumpParts(url: string, snapshot: string, signal: AbortSignal): AsyncGenerator<Part> {
  const args = ['--format=custom', '--compress=0', '--no-owner', '--no-privileges', `--snapshot=${snapshot}`];
  const { child, ended } = start('pg_dump', args, url, signal, ['ignore', 'pipe', 'pipe']);
  yield {
    name: DUMP_PART,
    bytes: (async function* () {
      try {
        for await (const chunk of child.stdout!) yield chunk as Buffer;
        await ended;
      } finally {
        child.kill();
      }
    })(),
  };
}

/**
 * Lets pg_dump describe one small table, so that it is known beforehand whether it gets in: its driver has its own mind of
 * addresses, certificates and passwords. Fails with `backup_tool_failed`.
 */
export async function tryDump(url: string, signal: AbortSignal): Promise<void> {
  const args = ['--schema-only', '--table=public.migrations'];
  await start('pg_dump', args, url, signal, ['ignore', 'ignore', 'pipe']).ended;
}

/**
 * Puts what pg_dump said into an empty database. Each table is a transaction of its own: a long one would hold the WAL of the whole
 * cluster, and with it cost every instance its slot. What fails leaves a part.
 */
export async function restoreDump(
  url: string,
  way: RestoreWay,
  dump: Readable,
  signal: AbortSignal,
): Promise<void> {
  const args = ['--no-owner', '--no-privileges', '--exit-on-error'];
  if (way === 'direct') {
    const restoring = start('pg_restore', args, url, signal, ['pipe', 'ignore', 'pipe']);
    return allOf([restoring.ended], [pipeline(dump, restoring.child.stdin!)]);
  }
  const writing = start('pg_restore', [...args, '--file=-'], undefined, signal, ['pipe', 'pipe', 'pipe']);
  const running = start(
    'psql',
    ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', '--file=-'],
    url,
    signal,
    ['pipe', 'ignore', 'pipe'],
  );
  // Whoever reads the script has most to say of why it goes no further.
  await allOf(
    [running.ended, writing.ended],
    [
      pipeline(dump, writing.child.stdin!),
      pipeline(writing.child.stdout!, withKnownSettings, running.child.stdin!),
    ],
  );
}

/** What was wrong with the bytes says more than that a tool did not like them; a pipe that it closed says less. */
async function allOf(tools: readonly Promise<void>[], feeds: readonly Promise<void>[]): Promise<void> {
  const [ends, fed] = await Promise.all([Promise.allSettled(tools), Promise.allSettled(feeds)]);
  for (const one of fed) if (one.status === 'rejected' && !isClosedPipe(one.reason)) throw one.reason;
  for (const one of [...ends, ...fed]) if (one.status === 'rejected') throw one.reason;
}

function isClosedPipe(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}

/** Starts a tool that works on the database of `url`, or on none. */
function start(
  tool: Tool,
  args: readonly string[],
  url: string | undefined,
  signal: AbortSignal,
  stdio: ('pipe' | 'ignore')[],
): { readonly child: ChildProcess; readonly ended: Promise<void> } {
  // eslint-disable-next-line no-restricted-properties -- what a program is started with, and no setting of Halo's
  const { PATH, LANG, HOME, PGSSLMODE } = process.env;
  const { dbname, password } = url === undefined ? {} : toolConnection(url, PGSSLMODE);
  // The password goes by the environment: arguments are to be seen by everybody on the machine.
  const env = { PATH, LANG, HOME, PGPASSWORD: password, PGAPPNAME: 'halo backup' };
  const child = spawn(tool, dbname === undefined ? args : [...args, `--dbname=${dbname}`], {
    env,
    stdio,
    signal,
  });
  const ended = endOf(child, tool, signal);
  // It is asked for only once all bytes have come.
  ended.catch(() => {});
  return { child, ended };
}

/** Resolves when a tool has done its work, and rejects with `backup_tool_failed` when it has not. */
async function endOf(child: ChildProcess, tool: Tool, signal: AbortSignal): Promise<void> {
  let said = '';
  child.stderr?.on('data', (bytes: Buffer) => (said = (said + bytes.toString()).slice(-MAX_SAID_BYTES)));
  let failure: unknown;
  child.once('error', (error) => (failure = error));
  // Not by events' once(): that rejects with what the child failed with, and leaves it unnamed.
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  signal.throwIfAborted();
  if (failure === undefined && code === 0) return;
  throw new HaloError('backup_tool_failed', `${tool} failed (${code ?? 'it was ended'}).`, {
    hint: HINTS[tool],
    cause: failure ?? new Error(said),
  });
}
