import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { HaloError } from '../platform/errors.ts';
import { decodeCommit, decodeHeader, decodePosition, encodeHeader } from './codec.ts';
import type { SegmentHeader } from './codec.ts';
import { decodeFrame, encodeFrame, FRAME_KINDS } from './frame.ts';
import type { Frame } from './frame.ts';
import { IntervalIndex } from './interval-index.ts';
import { Waypoints } from './waypoints.ts';

/** One file of the log. `end` is where its last whole transaction (or position) ends. */
export interface Segment {
  readonly path: string;
  readonly header: SegmentHeader;
  readonly index: IntervalIndex;
  readonly waypoints: Waypoints;
  /** When something was last known to be written to it, in milliseconds of the clock. */
  writtenAtMs: number;
  end: number;
  /** Position reached by the frames up to `end`. */
  position: bigint;
}

const READ_BYTES = 256 * 1024;

/** Begins a segment: writes its header and syncs it. What a failed attempt left at `path` is overwritten. */
export async function createSegment(path: string, header: SegmentHeader, nowMs: number): Promise<Segment> {
  const frame = encodeFrame(FRAME_KINDS.header, encodeHeader(header));
  const file = await open(path, 'w');
  try {
    await file.writeFile(frame);
    await file.datasync();
  } finally {
    await file.close();
  }
  const index = new IntervalIndex(header.base, frame.length);
  const waypoints = new Waypoints();
  return { path, header, index, waypoints, writtenAtMs: nowMs, end: frame.length, position: header.base };
}

/**
 * Reads a segment from end to end and finds its last whole transaction. In the newest segment whatever
 * follows is a torn tail, left for the caller to cut; in an older one (`closed`) it is damage: error
 * `change_log_damaged`. Undefined when not even the header is whole.
 */
export async function scanSegment(path: string, closed: boolean): Promise<Segment | undefined> {
  const file = await open(path, 'r');
  try {
    const { size, mtimeMs: writtenAtMs } = await file.stat();
    let segment: Segment | undefined;
    let seen = 0;
    for await (const { frame, end } of frames(file, 0, Infinity)) {
      seen = end;
      if (segment === undefined) {
        if (frame.kind !== FRAME_KINDS.header) return undefined;
        const header = decodeHeader(frame.payload);
        if (header === undefined) throw unreadable();
        const index = new IntervalIndex(header.base, end);
        const waypoints = new Waypoints();
        segment = { path, header, index, waypoints, writtenAtMs, end, position: header.base };
        continue;
      }
      note(segment, frame, end);
    }
    if (closed && (segment === undefined || seen !== size || segment.end !== size)) {
      throw damaged();
    }
    return segment;
  } finally {
    await file.close();
  }
}

/** The log was written by another version of Halo; it is treated as a damaged one is. */
function unreadable(): HaloError {
  return new HaloError('change_log_damaged', 'The change log has the format of another version.', {
    hint: 'It is begun anew, and devices fetch their shapes again once.',
    status: 503,
  });
}

/** The log lacks something that is not at its end. */
export function damaged(): HaloError {
  return new HaloError('change_log_damaged', 'The change log is damaged in the middle.', {
    hint: 'At the next start it is begun anew, and devices fetch their shapes again once.',
    status: 503,
  });
}

/** Notes a frame that has been written or read at the segment's end. */
export function note(segment: Segment, frame: Frame, end: number): void {
  if (frame.kind === FRAME_KINDS.commit) {
    const { lsn, xid } = decodeCommit(frame.payload);
    segment.index.add(lsn, xid, end);
    segment.position = lsn;
    segment.end = end;
  } else if (frame.kind === FRAME_KINDS.position) {
    segment.position = decodePosition(frame.payload);
    segment.end = end;
  }
}

/** Yields whole frames from `from` up to `to`, and stops quietly at the first one that is torn or damaged. */
export async function* frames(
  file: FileHandle,
  from: number,
  to: number,
): AsyncGenerator<{ frame: Frame; end: number }> {
  let bytes: Buffer = Buffer.alloc(0);
  let base = from;
  for (;;) {
    let offset = 0;
    for (;;) {
      if (base + offset >= to) return;
      const found = decodeFrame(bytes, offset);
      if (found === 'damaged') return;
      if (found === 'partial') break;
      offset = found.end;
      yield { frame: found.frame, end: base + offset };
    }
    const more = Buffer.allocUnsafe(Math.max(READ_BYTES, bytes.length - offset));
    const { bytesRead } = await file.read(more, 0, more.length, base + bytes.length);
    if (bytesRead === 0) return;
    bytes = Buffer.concat([bytes.subarray(offset), more.subarray(0, bytesRead)]);
    base += offset;
  }
}
