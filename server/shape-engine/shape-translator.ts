import type { LogChange, Tuple } from '../change-log/change-log.ts';
import { deletedShape } from './deleted-shape.ts';
import { EncodedMessage } from './encoded-message.ts';
import type { LogEntry, SharedMessages } from './encoded-message.ts';
import { MessageEncoder } from './message-encoder.ts';
import { kindOf, operationsOf } from './operations.ts';
import type { ChangeKind } from './operations.ts';
import type { ResolvedShape } from './resolve-shape.ts';
import { bindRows, sameRelation } from './row-binding.ts';
import type { RowBinding } from './row-binding.ts';
import { UnknownLabel } from './where/unknown-label.ts';

const NOTHING: readonly EncodedMessage[] = [];

/** A change as rows of the shape: what it takes away and what it puts there, null where that is none of the shape's. */
export interface ChangedRows {
  readonly before: Tuple | null;
  readonly after: Tuple | null;
  /** Index in these rows of each column of the shape. */
  readonly places: readonly number[];
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

  /**
   * Whether a change is of the shape's table, by name or by what it once was (its description may still be another), or
   * deletes the shape.
   */
  concerns(change: LogChange): boolean {
    const { relation } = change;
    const { oid, schema, table } = this.#shape.table;
    if (relation.oid === oid || (relation.table === table && relation.schema === schema)) return true;
    return deletedShape(change) === this.#shape.hash;
  }

  /** A collector for one transaction; `shared` spares the encoding of what another shape has encoded. */
  transaction(lsn: bigint, xid: number, shared: SharedMessages | null = null): TransactionMessages {
    return new TransactionMessages(this, lsn, xid, shared);
  }

  /** The messages of one change, the last of them without its end; null where the shape ends. */
  messagesOf(
    change: LogChange,
    lsn: bigint,
    xid: number,
    shared: SharedMessages | null,
  ): readonly EncodedMessage[] | null {
    const binding = change.operation === 'truncate' ? null : this.#bind(change);
    if (binding === null) return null;
    const kind = meaningOf(change, binding);
    if (kind === 'altered') return null;
    if (kind === null) return NOTHING;
    const { projection } = this.#shape;
    const known = shared?.find(change, projection, kind);
    if (known !== undefined) return known;
    const messages = operationsOf(kind, change, binding).map((operation) => {
      const text = this.#encoder.change(operation, binding, lsn, xid);
      return new EncodedMessage(lsn, operation.position, text);
    });
    shared?.keep(projection, kind, messages);
    return messages;
  }

  /** Whether the shape ends with a change, which concerns it. */
  endsWith(change: LogChange): boolean {
    const binding = change.operation === 'truncate' ? null : this.#bind(change);
    return binding === null || meaningOf(change, binding) === 'altered';
  }

  /** The rows of the shape that a change, which concerns it, takes away and puts there; null where the shape ends. */
  rowsOf(change: LogChange): ChangedRows | null {
    const binding = change.operation === 'truncate' ? null : this.#bind(change);
    if (binding === null || meaningOf(change, binding) === 'altered') return null;
    const within = (row: Tuple | null) => (row !== null && binding.includes(row) ? row : null);
    return { before: within(change.old), after: within(change.new), places: binding.columns };
  }

  #bind(change: LogChange): RowBinding | null {
    if (deletedShape(change) === this.#shape.hash) return null;
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
  readonly #translator: ShapeTranslator;
  readonly #xid: number;
  readonly #shared: SharedMessages | null;
  #held: EncodedMessage | null = null;

  constructor(translator: ShapeTranslator, lsn: bigint, xid: number, shared: SharedMessages | null) {
    this.#translator = translator;
    this.lsn = lsn;
    this.#xid = xid;
    this.#shared = shared;
  }

  /**
   * Adds a change; what it completes goes into `entries`. False when the shape ends here: its table was
   * truncated, or it or a type of its columns is another than the shape was defined on, or the shape was deleted.
   */
  add(change: LogChange, entries: LogEntry[]): boolean {
    const messages = this.#translator.messagesOf(change, this.lsn, this.#xid, this.#shared);
    if (messages === null) return false;
    for (const message of messages) {
      if (this.#held !== null) entries.push(this.#held.entry(false));
      this.#held = message;
    }
    return true;
  }

  /** Whether an answer may end after operation `op`: the two halves of a key change stay together. */
  mayCutAfter(op: number | 'end'): boolean {
    return op === 'end' || this.#held?.op !== op + 1;
  }

  /** Ends the transaction: the message held back is its last. */
  end(entries: LogEntry[]): void {
    if (this.#held !== null) entries.push(this.#held.entry(true));
    this.#held = null;
  }
}

/** What a change means; `altered` when an enumeration has another label than the condition knows. */
function meaningOf(change: LogChange, binding: RowBinding): ChangeKind | 'altered' | null {
  try {
    return kindOf(change, binding);
  } catch (error) {
    if (error instanceof UnknownLabel) return 'altered';
    throw error;
  }
}
