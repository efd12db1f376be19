import { open } from 'node:fs/promises';
import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import type { LogChunk } from './change-log.ts';
import { decodePiece } from './codec.ts';
import { FRAME_KINDS } from './frame.ts';
import { damaged, frames } from './segment.ts';
import type { Segment } from './segment.ts';
import type { TailCache } from './tail-cache.ts';
import type { Waypoints } from './waypoints.ts';
import { trimmed } from './trimmed.ts';

/**
 * The pieces after `after` and up to the LSN `until`: from the cache where it reaches back that far, else from
 * the segments as they stand at the time of the call. A segment that is trimmed while it is read stays readable
 * through its open file; one that is gone before it is opened ends the reading with `offset_trimmed`, and one
 * that can no longer be read to its end with `change_log_damaged`.
 */
export function readChunks(
  after: LogOffset,
  until: bigint,
  cache: TailCache,
  segments: readonly Segment[],
): AsyncIterable<LogChunk> {
  // From inside a transaction the rest of that transaction is wanted too.
  const from = after.op === 'end' ? after.lsn : after.lsn - 1n;
  return between(after, until, cache.after(from) ?? readSegments(planOf(segments, from, after)));
}

async function* between(
  after: LogOffset,
  until: bigint,
  chunks: readonly LogChunk[] | AsyncIterable<LogChunk>,
): AsyncGenerator<LogChunk> {
  for await (const chunk of chunks) {
    // A transaction may be in the file a moment before the position says so.
    if (chunk.lsn > until) return;
    if (chunk.lsn < after.lsn || (chunk.lsn === after.lsn && after.op === 'end')) continue;
    const op = chunk.lsn === after.lsn && after.op !== 'end' ? after.op : -1;
    yield op < 0 ? chunk : { ...chunk, changes: chunk.changes.filter(({ position }) => position > op) };
  }
}

interface Stretch {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly waypoints: Waypoints;
}

/** Which bytes of which files hold what was committed after `from`, fixed at the time of the call. */
function planOf(segments: readonly Segment[], from: bigint, { lsn, op }: LogOffset): Stretch[] {
  return segments
    .filter(({ position }) => position > from)
    .map(({ path, index, waypoints, end }) => {
      const place = op === 'end' ? undefined : waypoints.find(lsn, op);
      return { path, from: place ?? index.offsetFor(from), to: end, waypoints };
    });
}

async function* readSegments(plan: readonly Stretch[]): AsyncGenerator<LogChunk> {
  for (const { path, from, to, waypoints } of plan) {
    const file = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'ENOENT') throw cause;
      throw trimmed(cause);
    });
    try {
      // One piece is held back: only the frame behind it tells whether it is its transaction's last.
      let held: Omit<LogChunk, 'last'> | undefined;
      let reached = from;
      for await (const { frame, end } of frames(file, from, to)) {
        reached = end;
        if (held !== undefined) yield { ...held, last: frame.kind === FRAME_KINDS.commit };
        held = frame.kind === FRAME_KINDS.piece ? decodePiece(frame.payload) : undefined;
        if (held !== undefined) waypoints.pass(held.lsn, held.changes.at(-1)?.position ?? 0, end);
      }
      if (reached !== to) throw damaged();
    } finally {
      await file.close();
    }
  }
}
