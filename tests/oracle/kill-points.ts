import { writeSync } from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import type { FileChangeLog } from '../../server/change-log/file-change-log.ts';

/** Where a server can be told to die. */
export const KILL_POINTS = [
  'before append',
  'after append',
  'within a large transaction',
  'before commit',
  'after commit',
  'before sync',
  'before confirm',
  'after confirm',
  'before a snapshot is copied',
  'after a snapshot is copied',
  'within a read of the log',
  'before a segment is trimmed',
  'after a segment is trimmed',
] as const;
export type KillPoint = (typeof KILL_POINTS)[number];

/** The answer to Postgres is a write to a socket, right after the sync. */
const CONFIRMED_AFTER_MS = 5;
const STANDARD_OUTPUT = 1;

/** Ends its own process, as `kill -9` does, at the nth passage of an armed point. */
export class KillSwitch {
  #armed: { readonly point: KillPoint; passages: number } | undefined;

  arm(point: KillPoint, passages: number): void {
    this.#armed = { point, passages };
  }

  pass(point: KillPoint): void {
    if (this.#armed?.point !== point || (this.#armed.passages -= 1) > 0) return;
    writeSync(STANDARD_OUTPUT, `killed ${point}\n`);
    process.kill(process.pid, 'SIGKILL');
    // The signal is delivered before anything else of this process runs on; nothing may happen meanwhile.
    for (;;);
  }
}

/** The log with a switch around whatever replication and the engine do with it. It says when it is begun anew. */
export function withKillPoints(log: FileChangeLog, at: KillSwitch): FileChangeLog {
  /** The transaction of the last piece. */
  let appended = 0n;
  return {
    get epoch() {
      return log.epoch;
    },
    start: () => log.start(),
    position: () => log.position(),
    aging: () => log.aging(),
    durable: () => log.durable(),
    bytes: () => log.bytes(),
    endBehind: (lsn) => log.endBehind(lsn),
    forget: (lsn) => log.forget(lsn),
    covers: (offset) => log.covers(offset),
    abandon: () => log.abandon(),
    advance: (lsn) => log.advance(lsn),
    onAdvance: (listener) => log.onAdvance(listener),
    close: () => log.close(),
    reset(epoch, lsn) {
      writeSync(STANDARD_OUTPUT, 'reset\n');
      return log.reset(epoch, lsn);
    },
    async append(chunk) {
      at.pass('before append');
      // The piece before is on disk by now, and its commit is not.
      if (chunk.lsn === appended) at.pass('within a large transaction');
      appended = chunk.lsn;
      await log.append(chunk);
      at.pass('after append');
    },
    async commit(lsn) {
      at.pass('before commit');
      await log.commit(lsn);
      at.pass('after commit');
    },
    async sync() {
      at.pass('before sync');
      const durable = await log.sync();
      at.pass('before confirm');
      setTimeout(() => at.pass('after confirm'), CONFIRMED_AFTER_MS);
      return durable;
    },
    // A snapshot asks for these right before its rows are copied, and right after.
    offsetBefore(xid) {
      at.pass('before a snapshot is copied');
      return log.offsetBefore(xid);
    },
    whenReached(lsn, signal) {
      at.pass('after a snapshot is copied');
      return log.whenReached(lsn, signal);
    },
    async *read(after) {
      for await (const chunk of log.read(after)) {
        yield chunk;
        at.pass('within a read of the log');
      }
    },
  };
}

/** Puts the switch around the removal of the log's segments. */
export function killAroundTrimming(at: KillSwitch): void {
  const remove = fs.rm.bind(fs);
  fs.rm = async (path, options) => {
    const isSegment = typeof path === 'string' && path.endsWith('.log');
    if (isSegment) at.pass('before a segment is trimmed');
    await remove(path, options);
    if (isSegment) at.pass('after a segment is trimmed');
  };
  syncBuiltinESMExports();
}
