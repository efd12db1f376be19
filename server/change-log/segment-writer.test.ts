import { mkdtempSync, rmSync } from 'node:fs';
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
  const writer = await SegmentWriter.open(await beginSegment(dir, 'epoch', 1n));
  // The quickest way to a sync that fails: a file that is closed.
  await writer.close();
  await expect(writer.sync()).rejects.toMatchObject({ code: 'change_log_unsynced' });
  const frame = pendingFrame(FRAME_KINDS.position, encodePosition(2n));
  await expect(writer.write([frame])).rejects.toMatchObject({ code: 'change_log_unsynced' });
  await expect(writer.sync()).rejects.toMatchObject({ code: 'change_log_unsynced' });
});
