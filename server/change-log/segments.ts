import { readdir, rm, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory } from '../platform/durable-file.ts';
import { FORMAT } from './codec.ts';
import { createSegment, damaged, scanSegment } from './segment.ts';
import type { Segment } from './segment.ts';

const NAME = /^\d{20}\.log$/;

/** Names sort like the LSNs that segments begin after. */
function segmentPath(dir: string, base: bigint): string {
  return join(dir, `${String(base).padStart(20, '0')}.log`);
}

/**
 * Finds the segments in `dir`, oldest first, and cuts the torn tail of the newest. Each must begin where the
 * one before ends, at the same epoch; else the error is `change_log_damaged`.
 */
export async function recoverSegments(dir: string): Promise<Segment[]> {
  const names = (await readdir(dir)).filter((name) => NAME.test(name)).toSorted();
  const segments: Segment[] = [];
  for (const [index, name] of names.entries()) {
    const path = join(dir, name);
    const newest = index === names.length - 1;
    const segment = await scanSegment(path, !newest);
    if (segment === undefined) {
      // A crash while the segment was being begun: nothing in it was ever confirmed.
      await rm(path);
      continue;
    }
    const before = segments.at(-1);
    const follows =
      before === undefined ||
      (segment.header.base === before.position && segment.header.epoch === before.header.epoch);
    if (!follows) throw damaged();
    if ((await stat(path)).size > segment.end) await truncate(path, segment.end);
    segments.push(segment);
  }
  return segments;
}

/**
 * Begins a new segment after `base` and makes its directory entry durable. Where that fails (a full disk) nothing of it
 * stays: the log goes on behind `base` in the segment before, and a file found between the two would look like damage.
 */
export async function beginSegment(
  dir: string,
  epoch: string,
  base: bigint,
  nowMs: number,
): Promise<Segment> {
  const path = segmentPath(dir, base);
  try {
    const segment = await createSegment(path, { version: FORMAT, epoch, base }, nowMs);
    await syncDirectory(dir);
    return segment;
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** Removes every segment. */
export async function removeSegments(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    if (NAME.test(name)) await rm(join(dir, name));
  }
  await syncDirectory(dir);
}
