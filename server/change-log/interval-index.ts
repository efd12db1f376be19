/** A stretch of one segment that begins between two transactions. */
export interface Interval {
  /** Transactions in it were committed after this LSN. */
  readonly after: bigint;
  /** Where its first frame begins. */
  readonly offset: number;
  /** The newest transaction id in it; undefined while it is empty. */
  newestXid: number | undefined;
}

/** Bytes after which a new interval begins: a reader scans at most this much too far. */
const INTERVAL_BYTES = 64 * 1024;

/**
 * Sparse index of one segment: where to start reading for an LSN, and what transaction ids a stretch may
 * hold. Pure; filled as the segment is written or scanned.
 */
export class IntervalIndex {
  readonly #intervals: Interval[];

  constructor(base: bigint, offset: number) {
    this.#intervals = [{ after: base, offset, newestXid: undefined }];
  }

  /** Notes a commit that ends at `end` in the segment. */
  add(lsn: bigint, xid: number, end: number): void {
    const last = this.#intervals.at(-1)!;
    if (last.newestXid === undefined || xid > last.newestXid) last.newestXid = xid;
    if (end - last.offset >= INTERVAL_BYTES)
      this.#intervals.push({ after: lsn, offset: end, newestXid: undefined });
  }

  /** File offset from which every transaction after `lsn` lies ahead (and the one at `lsn`, if it is here). */
  offsetFor(lsn: bigint): number {
    let low = 0;
    let high = this.#intervals.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#intervals[middle]!.after < lsn) low = middle;
      else high = middle - 1;
    }
    return this.#intervals[low]!.offset;
  }

  /** LSN before the first interval that holds an id at or after `xid`; undefined when none does. */
  before(xid: number): bigint | undefined {
    return this.#intervals.find(({ newestXid }) => newestXid !== undefined && newestXid >= xid)?.after;
  }
}
