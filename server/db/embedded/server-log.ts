import { copyFile, readFile, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';

/** The server's log is begun anew once it is larger; one former log is kept beside it. */
const MAX_LOG_BYTES = 16 * 1024 * 1024;
const CHECK_EVERY_MS = 10 * 60_000;
/** Lines quoted when the server does not start. */
const TAIL_LINES = 3;

/** Where the server of the cluster at `dir` writes its log. */
export function serverLogFile(dir: string): string {
  return join(dir, 'server.log');
}

/** The last lines of the log on one line, `''` when there are none. */
export async function serverLogTail(dir: string): Promise<string> {
  const text = await readFile(serverLogFile(dir), 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-TAIL_LINES).join(' | ');
}

/**
 * Keeps the log below a bound while the server runs. Postgres appends, so the file can be emptied under it;
 * its own log collector bounds the age of its files but not their size.
 */
export function keepLogSmall(
  dir: string,
  log: Logger,
  maxBytes = MAX_LOG_BYTES,
  everyMs = CHECK_EVERY_MS,
): { stop(): Promise<void> } {
  let check = Promise.resolve();
  const timer = setInterval(() => {
    check = beginAnew(dir, maxBytes).catch((error: unknown) => {
      log.warn(`Postgres's log could not be begun anew: ${messageOf(error)}`);
    });
  }, everyMs);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      return check;
    },
  };
}

/** Moves a log that is larger than `maxBytes` aside, in place of the one that was moved before. */
export async function beginAnew(dir: string, maxBytes = MAX_LOG_BYTES): Promise<void> {
  const file = serverLogFile(dir);
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  if (size <= maxBytes) return;
  await copyFile(file, `${file}.1`);
  await truncate(file);
}
