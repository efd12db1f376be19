import { crc32 } from 'node:zlib';
import type { JournalOp } from '../../outbox/journal-state.ts';

/**
 * A frame is what one fsync makes durable: `<crc32 of the rest, 8 hex digits> <steps as JSON>\n`. Steps that
 * share an fsync share a frame, so that a frame is either wholly there or was never acknowledged.
 */
export function encodeFrame(steps: readonly JournalOp[]): Buffer {
  const body = Buffer.from(JSON.stringify(steps), 'utf8');
  return Buffer.concat([Buffer.from(`${checksum(body)} `, 'latin1'), body, Buffer.from('\n', 'latin1')]);
}

export interface DecodedFrames {
  readonly steps: readonly JournalOp[];
  /** Length of the part that is whole; what follows is a torn tail. */
  readonly goodBytes: number;
  /** True when a whole frame follows a broken one: no crash does that, something has changed the file. */
  readonly damaged: boolean;
}

/** Reads frames up to the first that is broken. */
export function decodeFrames(bytes: Buffer): DecodedFrames {
  const steps: JournalOp[] = [];
  let goodBytes = 0;
  for (const line of linesOf(bytes, 0)) {
    const frame = decodeLine(line.bytes);
    if (frame === undefined) return { steps, goodBytes, damaged: hasWholeFrame(bytes, line.end) };
    for (const step of frame) steps.push(step);
    goodBytes = line.end;
  }
  return { steps, goodBytes, damaged: false };
}

function hasWholeFrame(bytes: Buffer, from: number): boolean {
  for (const line of linesOf(bytes, from)) {
    if (decodeLine(line.bytes) !== undefined) return true;
  }
  return false;
}

function* linesOf(bytes: Buffer, from: number): Generator<{ bytes: Buffer; end: number }> {
  for (let start = from; start < bytes.length;) {
    const newline = bytes.indexOf(0x0a, start);
    if (newline === -1) return;
    yield { bytes: bytes.subarray(start, newline), end: newline + 1 };
    start = newline + 1;
  }
}

function decodeLine(line: Buffer): JournalOp[] | undefined {
  if (line.length < 11 || line[8] !== 0x20) return undefined;
  const body = line.subarray(9);
  if (line.toString('latin1', 0, 8) !== checksum(body)) return undefined;
  return JSON.parse(body.toString('utf8')) as JournalOp[];
}

function checksum(body: Buffer): string {
  return crc32(body).toString(16).padStart(8, '0');
}
