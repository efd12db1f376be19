import { compareLogOffsets } from '@halo/shapes/protocol/offset.ts';
import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import { endOf } from './log-offset.ts';
import type { LogEntry } from './encoded-message.ts';

/** Newest messages kept encoded for one shape, in bytes. */
const MAX_TAIL_BYTES = 1024 * 1024;

/** Bytes of all tails together, and how many there may be. */
export interface TailBudget {
  readonly maxBytes: number;
  usedBytes: number;
  /**
   * The largest tail, which gives way where all of them are too large; where that is not said, the one that grows does.
   * What grows is what is read: where nothing but the tail has it, its readers would be told to fetch again each time.
   */
  readonly largest?: () => ShapeTail | undefined;
}

/**
 * The newest messages of a shape, complete after `from`: encoded once, shared by all its readers. What does
 * not fit moves `from` forward, and whoever stands before it reads the change log instead.
 */
export class ShapeTail {
  readonly #budget: TailBudget;
  readonly #maxBytes: number;
  #from: LogOffset;
  #entries: LogEntry[] = [];
  #bytes = 0;

  /** @param maxBytes of this tail alone. */
  constructor(from: LogOffset, budget: TailBudget, maxBytes = MAX_TAIL_BYTES) {
    this.#from = from;
    this.#budget = budget;
    this.#maxBytes = maxBytes;
  }

  get from(): LogOffset {
    return this.#from;
  }

  /** Of its messages. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds the messages of one whole transaction. */
  append(lsn: bigint, entries: readonly LogEntry[], complete: boolean): void {
    if (!complete) return this.restart(endOf(lsn));
    for (const entry of entries) {
      this.#entries.push(entry);
      this.#account(entry.bytes.length);
    }
    this.#dropWhile(() => this.#bytes > this.#maxBytes);
    const areTooLarge = () => this.#budget.usedBytes > this.#budget.maxBytes;
    const largest = this.#budget.largest?.() ?? this;
    largest.#dropWhile(areTooLarge);
    this.#dropWhile(areTooLarge);
  }

  /** Forgets everything: the tail is complete after `from` only. */
  restart(from: LogOffset): void {
    this.#account(-this.#bytes);
    this.#entries = [];
    this.#from = from;
  }

  /** Messages after `offset`, which must not lie before `from`. */
  after(offset: LogOffset): readonly LogEntry[] {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareLogOffsets(this.#entries[middle]!.offset, offset) > 0) high = middle;
      else low = middle + 1;
    }
    return low === 0 ? this.#entries.slice() : this.#entries.slice(low);
  }

  /** True when there is a message after `offset`, or may have been one. */
  hasAfter(offset: LogOffset): boolean {
    if (compareLogOffsets(offset, this.#from) < 0) return true;
    const last = this.#entries.at(-1);
    return last !== undefined && compareLogOffsets(last.offset, offset) > 0;
  }

  /** Drops the oldest messages. */
  #dropWhile(isTooLarge: () => boolean): void {
    let dropped = 0;
    while (dropped < this.#entries.length && isTooLarge()) {
      const entry = this.#entries[dropped]!;
      this.#from = entry.offset;
      this.#account(-entry.bytes.length);
      dropped += 1;
    }
    if (dropped > 0) this.#entries.splice(0, dropped);
  }

  #account(bytes: number): void {
    this.#bytes += bytes;
    this.#budget.usedBytes += bytes;
  }
}
