import type { LogChange, LogChunk } from './change-log.ts';

/** Roughly the most that one piece takes on disk; readers hold one piece in memory at a time. */
const PIECE_BYTES = 1024 * 1024;

/** Cuts a piece so that none is much larger than a mebibyte (a single larger row stays whole). */
export function* splitPiece(chunk: Omit<LogChunk, 'last'>): Generator<Omit<LogChunk, 'last'>> {
  let from = 0;
  let bytes = 0;
  for (const [index, change] of chunk.changes.entries()) {
    bytes += sizeOf(change);
    if (bytes < PIECE_BYTES) continue;
    yield { ...chunk, changes: chunk.changes.slice(from, index + 1) };
    from = index + 1;
    bytes = 0;
  }
  if (from < chunk.changes.length) yield { ...chunk, changes: chunk.changes.slice(from) };
}

function sizeOf({ old, new: new_ }: LogChange): number {
  let bytes = 16;
  for (const tuple of [old, new_]) for (const value of tuple ?? []) bytes += (value?.length ?? 0) + 4;
  return bytes;
}
