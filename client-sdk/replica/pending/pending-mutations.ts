import { isInterrupted } from '../../errors.ts';
import type { OutboxStore, StoredMutation } from '../../outbox/outbox-store.ts';
import { allPending } from '../../outbox/pages.ts';
import type { ReplicaDatabase, ReplicaTransaction } from '../replica-database.ts';
import { foldSubjects } from './fold-subjects.ts';
import { giveWay, isTold } from './give-way.ts';
import { OPTIMISTIC_VIEWS, pendingOf } from './optimistic-views.ts';
import type { Subject } from './optimistic-views.ts';
import { patchTableName } from './pending-tables.ts';
import { toJsonb } from './to-jsonb.ts';

/** Mutations that are stored by one statement, so that its memory has a bound. */
const MUTATIONS_PER_STATEMENT = 1_000;
const ATTEMPTS = 3;

/**
 * The optimistic rows: what the outbox's pending mutations make of the synced rows, until the stream has brought what
 * they did. Each method may be done twice, resolves with the shapes that show other rows now, and waits for the one
 * before it, so that a rebuild and a settling never cross.
 */
export class PendingMutations {
  readonly #database: ReplicaDatabase;
  #last: Promise<unknown> = Promise.resolve();

  constructor(database: ReplicaDatabase) {
    this.#database = database;
  }

  /** Makes them those of the outbox, and of those `applied` meanwhile; settled ones whose effect is still under way stay. */
  rebuild(outbox: Pick<OutboxStore, 'pending'>, applied: readonly StoredMutation[] = []): Promise<string[]> {
    return this.#inTurn(async () => {
      // The rows are looked at first: one that another tab adds after that is of a mutation that may be missing here.
      const { rows } = await this.#database.query<{ id: string }>('SELECT id FROM local.pending');
      const waiting = await allPending(outbox);
      const ids = new Set([...waiting, ...applied].map(({ id }) => id));
      const left = rows.map(({ id }) => id).filter((id) => !ids.has(id));
      return this.#transaction(async (tx) => {
        await tx.query('DELETE FROM local.pending WHERE NOT settled AND id = ANY ($1::uuid[])', [left]);
        await insert(tx, [...applied, ...waiting]);
        if (applied.length > 0) await markSettled(tx, applied);
        for (const view of OPTIMISTIC_VIEWS.values()) await tx.query(`DELETE FROM ${patchTableName(view)}`);
        await giveWay(tx);
        const all = await tx.query<Subject>('SELECT DISTINCT shape, subject::text AS id FROM local.pending');
        await foldSubjects(tx, all.rows);
        return [...OPTIMISTIC_VIEWS.keys()];
      });
    });
  }

  /** Shows mutations that have just been queued. The tab that leads may have delivered them before this one comes to it. */
  add(queued: readonly StoredMutation[]): Promise<string[]> {
    return this.#inTurn(() =>
      this.#transaction(async (tx) => {
        const shown = await foldSubjects(tx, await insert(tx, queued));
        return (await isTold(tx, queued)) ? [...shown, ...(await giveWay(tx))] : shown;
      }),
    );
  }

  /** The server has applied it: it shows until the stream has brought its effect. */
  settled(id: string): Promise<string[]> {
    return this.#change(async (tx) => {
      const sql = `UPDATE local.pending SET settled = true WHERE id = $1 RETURNING shape, subject::text AS id`;
      return (await tx.query<Subject>(sql, [id])).rows;
    });
  }

  /** It was rejected: nothing shows it any more. */
  remove(id: string): Promise<string[]> {
    return this.#change(async (tx) => {
      const sql = 'DELETE FROM local.pending WHERE id = $1 RETURNING shape, subject::text AS id';
      return (await tx.query<Subject>(sql, [id])).rows;
    });
  }

  #change(work: (tx: ReplicaTransaction) => Promise<Subject[]>): Promise<string[]> {
    return this.#inTurn(() => this.#transaction(async (tx) => foldSubjects(tx, await work(tx))));
  }

  async #transaction(work: (tx: ReplicaTransaction) => Promise<string[]>): Promise<string[]> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return (await this.#database.transaction(work)) ?? [];
      } catch (error) {
        if (attempt === ATTEMPTS || !isInterrupted(error)) throw error;
      }
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }
}

async function markSettled(tx: ReplicaTransaction, applied: readonly StoredMutation[]): Promise<void> {
  const sql = 'UPDATE local.pending SET settled = true WHERE id = ANY ($1::uuid[])';
  await tx.query(sql, [applied.map(({ id }) => id)]);
}

/** Stores mutations that are not yet there, and returns the rows that all of them are about. */
async function insert(tx: ReplicaTransaction, stored: readonly StoredMutation[]): Promise<Subject[]> {
  const all = stored.flatMap((one) => pendingOf(one) ?? []);
  for (let from = 0; from < all.length; from += MUTATIONS_PER_STATEMENT) {
    const rows = all.slice(from, from + MUTATIONS_PER_STATEMENT).map(({ mutation, subject }) => {
      const { createdAt: created_at, ...rest } = mutation;
      return { ...rest, created_at, shape: subject.shape, subject: subject.id };
    });
    await tx.query(
      `INSERT INTO local.pending (id, seq, type, args, created_at, shape, subject)
       SELECT id, seq, type, args, created_at, shape, subject
       FROM jsonb_populate_recordset(NULL::local.pending, $1::text::jsonb) ON CONFLICT (id) DO NOTHING`,
      [toJsonb(rows)],
    );
  }
  return all.map(({ subject }) => subject);
}
