import { compareLogOffsets } from '@halo/shapes/protocol/offset.ts';
import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import type { LogChange } from '../change-log/change-log.ts';
import type { Matchable } from './match-index.ts';
import type { ResolvedShape } from './resolve-shape.ts';
import { ShapeTail } from './shape-tail.ts';
import type { TailBudget } from './shape-tail.ts';
import { ShapeTranslator } from './shape-translator.ts';
import type { LogEntry, SharedMessages } from './encoded-message.ts';
import type { TransactionMessages } from './shape-translator.ts';
import type { WaitingPlace } from './waiters.ts';

/** Messages of one transaction held until its end, in bytes; more are read from the log again instead. */
const MAX_OPEN_BYTES = 1024 * 1024;

/** A shape as the dispatcher sees it: fed with changes as they are committed, read by those who wait. */
export class ShapeView implements Matchable {
  readonly shape: ResolvedShape;
  readonly translator: ShapeTranslator;
  readonly tail: ShapeTail;
  readonly waiting: WaitingPlace = new Set();
  /** What was encoded for its readers so far, and the LSN of the last transaction that had news. */
  readonly told = { messages: 0, bytes: 0, lsn: 0n };
  /** Positions before this change mean nothing any more: the table was truncated or altered there, or the shape deleted. */
  #endedAt: LogOffset | null = null;
  #open: { messages: TransactionMessages; entries: LogEntry[]; bytes: number; complete: boolean } | null =
    null;

  constructor(shape: ResolvedShape, from: LogOffset, budget: TailBudget) {
    this.shape = shape;
    this.translator = new ShapeTranslator(shape);
    this.tail = new ShapeTail(from, budget);
  }

  get hash(): string {
    return this.shape.hash;
  }

  get oid(): number {
    return this.shape.table.oid;
  }

  get schema(): string {
    return this.shape.table.schema;
  }

  get table(): string {
    return this.shape.table.table;
  }

  get equalities() {
    return this.shape.equalities;
  }

  /**
   * Whether the tail has everything after `offset`, of what was dispatched up to `position`. A reader within a
   * transaction that is still being dispatched must read its rest in the log: the tail has none of it yet.
   */
  tailFollows(offset: LogOffset, position: bigint): boolean {
    if (compareLogOffsets(offset, this.tail.from) < 0) return false;
    return offset.op === 'end' || offset.lsn <= position;
  }

  /** Whether a reader at `offset` can go on. */
  continuesAt(offset: LogOffset): boolean {
    return this.#endedAt === null || compareLogOffsets(offset, this.#endedAt) >= 0;
  }

  /** Takes a change of the transaction that is being dispatched; false when the shape ends with it. */
  take(change: LogChange, lsn: bigint, xid: number, shared: SharedMessages): boolean {
    if (lsn <= this.tail.from.lsn && !this.#isNew(lsn, change.position)) return true;
    const open = (this.#open ??= {
      messages: this.translator.transaction(lsn, xid, shared),
      entries: [],
      bytes: 0,
      complete: true,
    });
    const known = open.entries.length;
    // Messages that are read from the log again are not written here: only where the shape ends is of interest.
    const goesOn = open.complete
      ? open.messages.add(change, open.entries)
      : !this.translator.endsWith(change);
    if (!goesOn) {
      this.#end({ kind: 'log', lsn, op: change.position });
      return false;
    }
    for (let i = known; i < open.entries.length; i += 1) open.bytes += open.entries[i]!.bytes.length;
    if (open.bytes > MAX_OPEN_BYTES) {
      open.entries = [];
      open.bytes = 0;
      open.complete = false;
    }
    return true;
  }

  /** Makes the messages of the transaction readable; true when there are any. */
  commit(): boolean {
    if (this.#open === null) return false;
    const { messages, entries, complete, bytes } = this.#open;
    this.#open = null;
    messages.end(entries);
    if (entries.length === 0 && complete) return false;
    this.told.messages += entries.length;
    this.told.bytes += bytes;
    this.told.lsn = messages.lsn;
    this.tail.append(messages.lsn, entries, complete);
    return true;
  }

  /** Forgets what was dispatched: complete after `from` only. */
  skipTo(from: LogOffset): void {
    this.#open = null;
    this.tail.restart(from);
  }

  #isNew(lsn: bigint, op: number): boolean {
    return compareLogOffsets({ kind: 'log', lsn, op }, this.tail.from) > 0;
  }

  /** Ends the shape for everyone before `offset`, those who stand within the same transaction among them. */
  #end(offset: LogOffset): void {
    this.#open = null;
    this.#endedAt = offset;
  }
}
