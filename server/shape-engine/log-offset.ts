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

/** The opposite of `toReader`. */
export function fromReader(offset: Offset): Offset {
  if (offset.kind !== 'log' || offset.op !== AFTER_ALL_OPERATIONS) return offset;
  return endOf(offset.lsn);
}
