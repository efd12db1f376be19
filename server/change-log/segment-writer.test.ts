import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { encodePosition } from './codec.ts';
import { FRAME_KINDS } from './frame.ts';
import { pendingFrame, SegmentWriter } from './segment-writer.ts';
import { beginSegment } from './segments.ts';

it('invariant 4: refuses everything once a sync has failed, for the next would succeed without what was lost', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'halo-writer-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const writer = await SegmentWriter.open(await beginSegment(dir, 'epoch', 1n, 0));
  // The quickest way to a sync that fails: a file that is closed.
  await writer.close();
  await expect(writer.sync()).rejects.toMatchObject({ code: 'change_log_unsynced' });
  const frame = pendingFrame(FRAME_KINDS.position, encodePosition(2n));
  await expect(writer.write([frame])).rejects.toMatchObject({ code: 'change_log_unsynced' });
  await expect(writer.sync()).rejects.toMatchObject({ code: 'change_log_unsynced' });
});

it('invariant 4: what a failed write has left on the disk is cut off before the next, abandoned or not', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'halo-writer-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const segment = await beginSegment(dir, 'epoch', 1n, 0);
  const writer = await SegmentWriter.open(segment);
  onTestFinished(() => writer.close());
  const { written } = writer;
  const frames = [2n, 3n].map((lsn) => pendingFrame(FRAME_KINDS.position, encodePosition(lsn)));
  await failNextWrite(segment.path);
  await expect(writer.write(frames)).rejects.toMatchObject({ code: 'ENOSPC' });
  await writer.write(frames.slice(1));
  expect(readFileSync(segment.path).subarray(written)).toEqual(frames[1]!.bytes);
});

/** The next write of any file arrives whole, and is said to have failed. */
async function failNextWrite(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.close();
  const prototype = Object.getPrototypeOf(handle) as Record<
    'write',
    (...given: unknown[]) => Promise<unknown>
  >;
  const { write } = prototype;
  onTestFinished(() => void (prototype.write = write));
  prototype.write = async function (...given) {
    prototype.write = write;
    await write.apply(this, given);
    throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };
}
