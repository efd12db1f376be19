import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeCommit, decodePosition } from '../../server/change-log/codec.ts';
import { FRAME_KINDS } from '../../server/change-log/frame.ts';
import { frames } from '../../server/change-log/segment.ts';
import type { Dice } from './random.ts';

/**
 * Does to the log in `dir` what a power cut may: the newest segment loses its end from any byte on behind what was
 * confirmed to Postgres, and now and then has other bytes in its place. Returns how many bytes were lost.
 *
 * @param confirmed the LSN from which on Postgres sends everything again.
 */
export async function tearTail(dir: string, confirmed: bigint, dice: Dice): Promise<number> {
  const newest = (await readdir(dir))
    .filter((name) => name.endsWith('.log'))
    .toSorted()
    .at(-1);
  if (newest === undefined) return 0;
  const file = await open(join(dir, newest), 'r+');
  try {
    let safe = 0;
    for await (const { frame, end } of frames(file, 0, Infinity)) {
      // Segments are begun durably: their header never tears once anything was written behind it.
      if (frame.kind === FRAME_KINDS.header) safe = end;
      if (frame.kind === FRAME_KINDS.commit && decodeCommit(frame.payload).lsn < confirmed) safe = end;
      if (frame.kind === FRAME_KINDS.position && decodePosition(frame.payload) < confirmed) safe = end;
    }
    const { size } = await file.stat();
    if (size <= safe) return 0;
    const cut = safe + dice.below(size - safe + 1);
    await file.truncate(cut);
    // Blocks that were allotted and never written.
    const fate = dice.below(3);
    if (fate === 0) await file.truncate(cut + dice.below(10_000));
    if (fate === 1) await file.write(Buffer.alloc(dice.below(500), 0xa5), 0, null, cut);
    return size - cut;
  } finally {
    await file.close();
  }
}
