import { compareLogOffsets } from '@halo/shapes/protocol/offset.ts';
import type { LogOffset, Offset } from '@halo/shapes/protocol/offset.ts';

/** An operation number that no transaction reaches. */
const AFTER_ALL_OPERATIONS = 999_999_999_999_999;

/** The offset after the whole transaction at `lsn`, if there is one. */
export function endOf(lsn: bigint): LogOffset {
  return { kind: 'log', lsn, op: 'end' };
}

/** The later of two offsets. */
export function laterOf(a: LogOffset, b: LogOffset): LogOffset {
  return compareLogOffsets(a, b) >= 0 ? a : b;
}

/**
 * The offset as readers get it: `<lsn>_<number>` for the end of a transaction too. Electric gives `_inf` only
 * for its snapshots, and other clients may look for two numbers.
 */
export function toReader(offset: Offset): Offset {
  if (offset.kind !== 'log' || offset.op !== 'end') return offset;
  return { ...offset, op: AFTER_ALL_OPERATIONS };
}

/** Records of the WAL begin at multiples of this many bytes. */
const WAL_ALIGNMENT = 8n;

/**
 * The opposite of `toReader`. The first byte after a place where a record may begin stands for its end, too: streams of
 * events give it as `global_last_seen_lsn`, and Electric's client goes on from operation 0 there.
 */
export function fromReader(offset: Offset): Offset {
  if (offset.kind !== 'log') return offset;
  if (offset.op === AFTER_ALL_OPERATIONS) return endOf(offset.lsn);
  const isByteAfter = offset.op === 0 && offset.lsn % WAL_ALIGNMENT === 1n;
  return isByteAfter ? endOf(offset.lsn - 1n) : offset;
}
