import { busy } from '../platform/gate.ts';

interface Kept<Answer> {
  readonly answer: Answer;
  readonly bytes: Buffer;
}

/**
 * The bytes of answers in memory, within one bound (or the size of one answer that is larger): those on their way to readers, and the last one of each
 * shape, which is kept because the next reader probably wants the same. A buffer counts once, however many have
 * it; when space is short, kept answers go, the longest unused first, and then no more is taken.
 */
export class AnswerMemory<Answer> {
  readonly #maxBytes: number;
  /** How often each buffer is held, as an answer on its way or as a kept one. */
  readonly #holders = new Map<Buffer, number>();
  /** The longest unused first. */
  readonly #kept = new Map<object, Kept<Answer>>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Counts an answer on its way until the returned function is called. Throws `busy` when there is no room. */
  send(bytes: Buffer): () => void {
    if (!this.#hold(bytes)) throw busy('answers in flight');
    let released = false;
    return () => {
      if (!released) this.#letGo(bytes);
      released = true;
    };
  }

  /** The answer kept for `owner`, if it still is. */
  recall(owner: object): Answer | undefined {
    const kept = this.#kept.get(owner);
    if (kept === undefined) return undefined;
    this.#kept.delete(owner);
    this.#kept.set(owner, kept);
    return kept.answer;
  }

  /** Keeps an answer of `owner` in the place of the one before, as long as there is room. */
  keep(owner: object, answer: Answer, bytes: Buffer): void {
    this.forget(owner);
    if (this.#hold(bytes)) this.#kept.set(owner, { answer, bytes });
  }

  forget(owner: object): void {
    const kept = this.#kept.get(owner);
    if (kept === undefined) return;
    this.#kept.delete(owner);
    this.#letGo(kept.bytes);
  }

  #hold(bytes: Buffer): boolean {
    const holders = this.#holders.get(bytes) ?? 0;
    if (holders === 0) {
      if (!this.#makeRoom(bytes.length)) return false;
      this.#bytes += bytes.length;
    }
    this.#holders.set(bytes, holders + 1);
    return true;
  }

  #letGo(bytes: Buffer): void {
    const holders = this.#holders.get(bytes)!;
    if (holders > 1) {
      this.#holders.set(bytes, holders - 1);
      return;
    }
    this.#holders.delete(bytes);
    this.#bytes -= bytes.length;
  }

  #makeRoom(size: number): boolean {
    for (const [owner, kept] of this.#kept) {
      if (this.#bytes + size <= this.#maxBytes) return true;
      // Dropping one that is also on its way would free nothing, and make the next reader hold another copy.
      if (this.#holders.get(kept.bytes) === 1) this.forget(owner);
    }
    // Alone, an answer of any size is taken: refused each time, its reader would never get on.
    return this.#bytes + size <= this.#maxBytes || this.#bytes === 0;
  }
}
