interface Waypoint {
  readonly lsn: bigint;
  /** Of the last change before it. */
  readonly position: number;
  /** Where the next frame begins. */
  readonly offset: number;
}

/** Bytes between two of them: a reader reads at most so much again. */
const DISTANCE_BYTES = 1024 * 1024;

/**
 * Places within the large transactions of a segment, noted by whoever reads past them. Who takes a transaction in
 * many answers would otherwise read it from its beginning for each.
 */
export class Waypoints {
  readonly #points: Waypoint[] = [];

  /** Notes that the change at `position` of the transaction at `lsn` is the last one before `offset`. */
  pass(lsn: bigint, position: number, offset: number): void {
    const last = this.#points.at(-1)?.offset ?? 0;
    if (offset - last >= DISTANCE_BYTES) this.#points.push({ lsn, position, offset });
  }

  /** Where to begin for the changes after `position` of the transaction at `lsn`; undefined when no place is known. */
  find(lsn: bigint, position: number): number | undefined {
    return this.#points.findLast((each) => each.lsn === lsn && each.position <= position)?.offset;
  }
}
