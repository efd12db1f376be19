import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import type { LogChange } from '../change-log/change-log.ts';
import type { ChangeKind } from './operations.ts';

/** Closes a message. */
export const END_OF_CHANGE = '}}';
/** Closes the last one of a transaction. */
export const END_OF_LAST_CHANGE = ',"last":true}}';

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
  readonly #known = new Map<string, Partial<Record<ChangeKind, readonly EncodedMessage[]>>>();

  /** What is known of `change` for this projection; undefined when it is for the caller to encode, and `keep`. */
  find(change: LogChange, projection: string, kind: ChangeKind): readonly EncodedMessage[] | undefined {
    if (this.#change === change) return this.#known.get(projection)?.[kind];
    this.#change = change;
    this.#known.clear();
    return undefined;
  }

  /** Keeps the messages of the change that was asked for last. */
  keep(projection: string, kind: ChangeKind, messages: readonly EncodedMessage[]): void {
    const kinds = this.#known.get(projection);
    if (kinds === undefined) this.#known.set(projection, { [kind]: messages });
    else kinds[kind] = messages;
  }

  /** Lets go of the last change. */
  clear(): void {
    this.#change = null;
    this.#known.clear();
  }
}
