import type { LogChange } from '../change-log/change-log.ts';
import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import { END_OF_CHANGE, END_OF_LAST_CHANGE, MessageEncoder } from './message-encoder.ts';
import { operationsOf } from './operations.ts';
import type { ResolvedShape } from './resolve-shape.ts';
import { bindRows, sameRelation } from './row-binding.ts';
import type { RowBinding } from './row-binding.ts';

/** One message of a shape's log: its place, and its bytes as every reader gets them. */
export interface LogEntry {
  readonly offset: LogOffset;
  readonly bytes: Buffer;
}

/**
 * Turns the changes of one transaction after the other into a shape's messages: a pure function of the
 * definition and the log, whoever calls it and wherever he begins, which is why what is encoded live and what
 * is read from the log later join without gap or overlap (invariant 6).
 */
export class ShapeTranslator {
  readonly #shape: ResolvedShape;
  readonly #encoder: MessageEncoder;
  #binding: RowBinding | null = null;

  constructor(shape: ResolvedShape) {
    this.#shape = shape;
    this.#encoder = new MessageEncoder(shape);
  }

  /** Whether a change is of the shape's table, by name or by what it once was; its description may still be another. */
  concerns({ relation }: LogChange): boolean {
    const { oid, schema, table } = this.#shape.table;
    return relation.oid === oid || (relation.table === table && relation.schema === schema);
  }

  /** A collector for one transaction. */
  transaction(lsn: bigint, xid: number): TransactionMessages {
    return new TransactionMessages(this.#encoder, (change) => this.#bind(change), lsn, xid);
  }

  #bind(change: LogChange): RowBinding | null {
    const bound = this.#binding;
    if (bound !== null && sameRelation(bound.relation, change.relation)) return bound;
    const binding = bindRows(this.#shape, change.relation);
    if (binding !== null) this.#binding = binding;
    return binding;
  }
}

/** The messages of one transaction for one shape; the last is held back until it is known to be the last. */
export class TransactionMessages {
  readonly lsn: bigint;
  readonly #encoder: MessageEncoder;
  readonly #bind: (change: LogChange) => RowBinding | null;
  readonly #xid: number;
  #held: { readonly op: number; readonly text: string } | null = null;

  constructor(
    encoder: MessageEncoder,
    bind: (change: LogChange) => RowBinding | null,
    lsn: bigint,
    xid: number,
  ) {
    this.lsn = lsn;
    this.#encoder = encoder;
    this.#bind = bind;
    this.#xid = xid;
  }

  /**
   * Adds a change; what it completes goes into `entries`. False when the shape ends here: its table was
   * truncated, or is another than the shape was defined on.
   */
  add(change: LogChange, entries: LogEntry[]): boolean {
    const binding = change.operation === 'truncate' ? null : this.#bind(change);
    if (binding === null) return false;
    for (const operation of operationsOf(change, binding)) {
      this.#flush(entries, END_OF_CHANGE);
      const text = this.#encoder.change(operation, binding, this.lsn, this.#xid);
      this.#held = { op: operation.position, text };
    }
    return true;
  }

  /** Whether an answer may end after operation `op`: the two halves of a key change stay together. */
  mayCutAfter(op: number | 'end'): boolean {
    return op === 'end' || this.#held?.op !== op + 1;
  }

  /** Ends the transaction: the message held back is its last. */
  end(entries: LogEntry[]): void {
    this.#flush(entries, END_OF_LAST_CHANGE);
  }

  #flush(entries: LogEntry[], end: string): void {
    if (this.#held === null) return;
    const offset = { kind: 'log', lsn: this.lsn, op: this.#held.op } as const;
    entries.push({ offset, bytes: Buffer.from(this.#held.text + end) });
    this.#held = null;
  }
}
