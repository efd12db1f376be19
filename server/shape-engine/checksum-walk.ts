import type { ShapeColumn } from '@halo/shapes/catalog/shape.ts';
import { compareLogOffsets } from '@halo/shapes/protocol/offset.ts';
import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import type { ChangeLog, LogChange, Tuple } from '../change-log/change-log.ts';
import type { ResolvedShape } from './resolve-shape.ts';
import { digestOfRow } from './row-digest.ts';
import { ShapeTranslator } from './shape-translator.ts';
import { SnapshotOutdated } from './snapshot-rows.ts';
import { stretches } from './stretch.ts';
import { saw } from './visibility.ts';
import type { Visibility } from './visibility.ts';

/** Rows and digest of a shape as a Postgres snapshot saw it. */
export interface ChecksumBase {
  readonly seen: Visibility;
  readonly rows: number;
  readonly digest: bigint;
}

/**
 * Brings a shape's digest from what a Postgres snapshot saw to what the shape was at an offset of the log. Rows go into
 * the digest and out of it one by one, so that neither the order of the changes counts nor how many there are of a row.
 */
export class ChecksumWalk {
  readonly #translator: ShapeTranslator;
  readonly #columns: readonly ShapeColumn[];
  readonly #seen: Visibility;
  #rows: number;
  #digest: bigint;

  /** `columns` are the shape's, in its order. */
  constructor(shape: ResolvedShape, columns: readonly ShapeColumn[], base: ChecksumBase) {
    this.#translator = new ShapeTranslator(shape);
    this.#columns = columns;
    this.#seen = base.seen;
    this.#rows = base.rows;
    this.#digest = base.digest;
  }

  /**
   * Walks over the log after `from`, which all that differs lies behind; to be called once. Undefined where the shape ends
   * behind `target`: its table was truncated or altered there. Throws `SnapshotOutdated` where that happened before
   * `target` and the snapshot has not seen it.
   */
  async to(
    changeLog: ChangeLog,
    from: LogOffset,
    target: LogOffset,
    signal: AbortSignal,
  ): Promise<{ rows: number; digest: bigint } | undefined> {
    const stepAside = stretches();
    for await (const chunk of changeLog.read(from)) {
      // Also where none of them counts: there may be very many.
      await stepAside();
      signal.throwIfAborted();
      const wasSeen = saw(this.#seen, chunk.xid);
      // Neither to be made good nor to be taken back, whatever is in it.
      if (!wasSeen && chunk.lsn > target.lsn) continue;
      for (const change of chunk.changes) {
        const turn = stepAside();
        if (turn !== undefined) {
          await turn;
          signal.throwIfAborted();
        }
        const place: LogOffset = { kind: 'log', lsn: chunk.lsn, op: change.position };
        const isWanted = compareLogOffsets(place, target) <= 0;
        if (isWanted !== wasSeen && !this.#take(change, isWanted)) {
          if (isWanted) throw new SnapshotOutdated();
          return undefined;
        }
      }
    }
    return { rows: this.#rows, digest: this.#digest };
  }

  /**
   * Makes a change good, or takes it back: the digest is the same, and the rows count the other way. False when the shape
   * ends with it.
   */
  #take(change: LogChange, forward: boolean): boolean {
    if (!this.#translator.concerns(change)) return true;
    const rows = this.#translator.rowsOf(change);
    if (rows === null) return false;
    this.#put(rows.before, rows.places, forward ? -1 : 1);
    this.#put(rows.after, rows.places, forward ? 1 : -1);
    return true;
  }

  #put(row: Tuple | null, places: readonly number[], count: 1 | -1): void {
    if (row === null) return;
    this.#rows += count;
    this.#digest ^= digestOfRow(this.#columns, row, places);
  }
}
