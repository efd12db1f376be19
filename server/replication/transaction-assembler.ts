import type { LogChange, LogRelation, Tuple } from '../change-log/change-log.ts';
import { HaloError } from '../platform/errors.ts';
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
const NOTHING: Assembled = { kind: 'nothing' };

/** Makes transactions of pgoutput's messages. Pure but for what it remembers between messages. */
export class TransactionAssembler {
  readonly #relations = new Map<number, LogRelation>();
  #current: { lsn: bigint; xid: number; changes: LogChange[]; operations: number } | undefined;

  /** Whether a transaction has begun and not yet ended. */
  get open(): boolean {
    return this.#current !== undefined;
  }

  accept(message: PgoutputMessage): Assembled {
    switch (message.kind) {
      case 'begin':
        this.#current = { lsn: message.commitLsn, xid: message.xid, changes: [], operations: 0 };
        return NOTHING;
      case 'relation':
        this.#relations.set(message.relation.oid, message.relation);
        return NOTHING;
      case 'insert':
        return this.#change('insert', message.oid, null, message.new);
      case 'update':
        return this.#change('update', message.oid, message.old, message.new);
      case 'delete':
        return this.#change('delete', message.oid, message.old, null);
      case 'truncate': {
        for (const oid of message.oids) this.#change('truncate', oid, null, null);
        return NOTHING;
      }
      case 'commit':
        return this.#commit(message.endLsn);
      case 'other':
        return NOTHING;
    }
  }

  #change(
    operation: LogChange['operation'],
    oid: number,
    old: SentTuple | null,
    new_: SentTuple | null,
  ): Assembled {
    const current = this.#expectOpen();
    const relation = this.#relations.get(oid);
    if (relation === undefined) throw new Error(`pgoutput changed relation ${oid} before it described it`);
    const position = 2 * current.operations++;
    const oldTuple = old === null ? null : whole(old, null, relation);
    const newTuple = new_ === null ? null : whole(new_, oldTuple, relation);
    current.changes.push({ operation, relation, position, old: oldTuple, new: newTuple });
    if (current.changes.length < PIECE_CHANGES) return NOTHING;
    const { lsn, xid, changes } = current;
    current.changes = [];
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

/** Fills in the values that an update left alone from the row as it was. */
function whole(sent: SentTuple, old: Tuple | null, relation: LogRelation): Tuple {
  return sent.map((value, column) => {
    if (value !== UNCHANGED) return value;
    if (old === null) {
      throw new HaloError(
        'replica_identity_not_full',
        `Table ${relation.schema}.${relation.table} must have REPLICA IDENTITY FULL.`,
        { hint: `ALTER TABLE ${relation.schema}.${relation.table} REPLICA IDENTITY FULL` },
      );
    }
    return old[column] ?? null;
  });
}
