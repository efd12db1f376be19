import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeCommit, decodePosition } from '../../server/change-log/codec.ts';
import { FRAME_KINDS } from '../../server/change-log/frame.ts';
import { frames } from '../../server/change-log/segment.ts';
import type { Dice } from './random.ts';

/** More than a segment and the largest transaction: what is left there instead of being cut outlasts the segment's end. */
const STALE_BYTES = 2 * 1024 * 1024;

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
    // Nothing need be lost: what was written whole may be there whole, a transaction that was not committed among it.
    const cut = dice.chance(0.5) ? size : safe + dice.below(size - safe + 1);
    await file.truncate(cut);
    // Blocks that were allotted and never written.
    const fate = dice.below(3);
    if (fate === 0) await file.truncate(cut + STALE_BYTES + dice.below(10_000));
    if (fate === 1) await file.write(Buffer.alloc(STALE_BYTES, 0xa5), 0, null, cut);
    if (fate === 2) await file.truncate(cut + dice.below(10_000));
    return size - cut;
  } finally {
    await file.close();
  }
}

/**
 * The segments that are ended must be whole to their last byte (invariant 4): a torn tail that was not cut would lie
 * behind what was written over its beginning, and the next start throw the log away for it. Names the first that is not.
 */
export async function tornSegment(dir: string): Promise<string | undefined> {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.log')).toSorted();
  for (const name of names.slice(0, -1)) {
    const file = await open(join(dir, name), 'r').catch(() => undefined);
    // Trimmed meanwhile.
    if (file === undefined) continue;
    try {
      let whole = 0;
      for await (const { end } of frames(file, 0, Infinity)) whole = end;
      const { size } = await file.stat();
      if (whole !== size) return `${name} is whole to byte ${whole} of ${size}`;
    } finally {
      await file.close();
    }
  }
  return undefined;
}
