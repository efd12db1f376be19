import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import type { LogChange } from '../change-log/change-log.ts';
import type { ChangeKind } from './operations.ts';

const END_OF_CHANGE = '}}';
const END_OF_LAST_CHANGE = ',"last":true}}';

/** One message of a shape's log: its place, and its bytes as every reader gets them. */
export interface LogEntry {
  readonly offset: LogOffset;
  readonly bytes: Buffer;
}

/** A message whose end is not known yet: the last one of a transaction says so. */
export class EncodedMessage {
  readonly op: number;
  readonly #lsn: bigint;
  readonly #text: string;
  #entry: LogEntry | null = null;
  #lastEntry: LogEntry | null = null;

  /** @param text of the message without what closes it. */
  constructor(lsn: bigint, op: number, text: string) {
    this.#lsn = lsn;
    this.op = op;
    this.#text = text;
  }

  /** The message, as the last of its transaction or not; the same bytes whoever asks. */
  entry(isLast: boolean): LogEntry {
    if (isLast) return (this.#lastEntry ??= this.#complete(END_OF_LAST_CHANGE));
    return (this.#entry ??= this.#complete(END_OF_CHANGE));
  }

  #complete(end: string): LogEntry {
    const offset = { kind: 'log', lsn: this.#lsn, op: this.op } as const;
    return { offset, bytes: Buffer.from(this.#text + end) };
  }
}

/**
 * The messages of the change that is being dispatched: shapes that send the same columns of a table send the same
 * bytes of it, whatever their conditions are.
 */
export class SharedMessages {
  #change: LogChange | null = null;
  readonly #known = new Map<string, Map<ChangeKind, readonly EncodedMessage[]>>();

  /** What is known for this projection of `change`, the one before being forgotten; `encode` makes what is not. */
  of(
    change: LogChange,
    projection: string,
    kind: ChangeKind,
    encode: () => readonly EncodedMessage[],
  ): readonly EncodedMessage[] {
    if (this.#change !== change) {
      this.#change = change;
      this.#known.clear();
    }
    let kinds = this.#known.get(projection);
    if (kinds === undefined) this.#known.set(projection, (kinds = new Map<ChangeKind, EncodedMessage[]>()));
    let messages = kinds.get(kind);
    if (messages === undefined) kinds.set(kind, (messages = encode()));
    return messages;
  }

  /** Lets go of the last change. */
  clear(): void {
    this.#change = null;
    this.#known.clear();
  }
}
