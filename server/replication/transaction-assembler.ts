import type { LogChange, LogRelation, Tuple } from '../change-log/change-log.ts';
import { UNCHANGED } from './pgoutput.ts';
import type { PgoutputMessage, SentTuple } from './pgoutput.ts';

/** What the log must be told after a message. */
export type Assembled =
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'piece';
      readonly lsn: bigint;
      readonly xid: number;
      readonly changes: readonly LogChange[];
    }
  | {
      readonly kind: 'commit';
      readonly lsn: bigint;
      readonly endLsn: bigint;
      readonly xid: number;
      /** The changes since the last piece. */
      readonly changes: readonly LogChange[];
      /** True when the whole transaction had no change on a published table. */
      readonly empty: boolean;
    };

/** Changes that are handed on together, so that a transaction of any size needs little memory. */
const PIECE_CHANGES = 1_000;
/** Characters of values after which a piece is handed on though its changes are few. */
const PIECE_CHARACTERS = 1024 * 1024;
const NOTHING: Assembled = { kind: 'nothing' };

interface OpenTransaction {
  readonly lsn: bigint;
  readonly xid: number;
  /** Since the last piece. */
  changes: LogChange[];
  characters: number;
  operations: number;
}

/** Makes transactions of pgoutput's messages. Pure but for what it remembers between messages. */
export class TransactionAssembler {
  readonly #relations = new Map<number, LogRelation>();
  readonly #partial = new WeakMap<LogRelation, LogRelation>();
  #current: OpenTransaction | undefined;

  /** Whether a transaction has begun and not yet ended. */
  get open(): boolean {
    return this.#current !== undefined;
  }

  accept(message: PgoutputMessage): Assembled {
    switch (message.kind) {
      case 'begin':
        this.#current = {
          lsn: message.commitLsn,
          xid: message.xid,
          changes: [],
          characters: 0,
          operations: 0,
        };
        return NOTHING;
      case 'relation':
        this.#relations.set(message.relation.oid, message.relation);
        return NOTHING;
      case 'insert':
        this.#add('insert', message.oid, null, message.new);
        return this.#piece();
      case 'update':
        this.#add('update', message.oid, message.old, message.new, message.wholeOld);
        return this.#piece();
      case 'delete':
        this.#add('delete', message.oid, message.old, null, message.wholeOld);
        return this.#piece();
      case 'truncate':
        for (const oid of message.oids) this.#add('truncate', oid, null, null);
        return this.#piece();
      case 'commit':
        return this.#commit(message.endLsn);
      case 'other':
        return NOTHING;
    }
  }

  #add(
    operation: LogChange['operation'],
    oid: number,
    old: SentTuple | null,
    new_: SentTuple | null,
    wholeOld = true,
  ): void {
    const current = this.#expectOpen();
    const described = this.#relations.get(oid);
    const relation = described !== undefined && !wholeOld ? this.#withoutIdentity(described) : described;
    if (relation === undefined) throw new Error(`pgoutput changed relation ${oid} before it described it`);
    const position = 2 * current.operations++;
    const oldTuple = old === null ? null : whole(old, null);
    const newTuple = new_ === null ? null : whole(new_, oldTuple);
    current.changes.push({ operation, relation, position, old: oldTuple, new: newTuple });
    current.characters += charactersOf(oldTuple) + charactersOf(newTuple);
  }

  /**
   * A partition tells its old rows by its own identity, though it is described as its table, which may have another:
   * what a change lacks is said by the change.
   */
  #withoutIdentity(relation: LogRelation): LogRelation {
    let known = this.#partial.get(relation);
    if (known === undefined) {
      known = { ...relation, columns: relation.columns.map((column) => ({ ...column, identity: false })) };
      this.#partial.set(relation, known);
    }
    return known;
  }

  #piece(): Assembled {
    const current = this.#expectOpen();
    if (current.changes.length < PIECE_CHANGES && current.characters < PIECE_CHARACTERS) return NOTHING;
    const { lsn, xid, changes } = current;
    current.changes = [];
    current.characters = 0;
    return { kind: 'piece', lsn, xid, changes };
  }

  #commit(endLsn: bigint): Assembled {
    const { lsn, xid, changes, operations } = this.#expectOpen();
    this.#current = undefined;
    return { kind: 'commit', lsn, endLsn, xid, changes, empty: operations === 0 };
  }

  #expectOpen() {
    if (this.#current === undefined) throw new Error('pgoutput sent a change outside of a transaction');
    return this.#current;
  }
}

function charactersOf(tuple: Tuple | null): number {
  let characters = 0;
  if (tuple !== null) for (const value of tuple) characters += value === null ? 0 : value.length;
  return characters;
}

/**
 * Fills in the values that an update left alone from the row as it was. A table without REPLICA IDENTITY FULL
 * does not tell how it was: NULL stands there then, which nobody reads, since every shape ends at such a change.
 */
function whole(sent: SentTuple, old: Tuple | null): Tuple {
  return sent.map((value, column) => (value === UNCHANGED ? (old?.[column] ?? null) : value));
}
