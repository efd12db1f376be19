import { REPORT_CREATE, reportCreateSchema } from '@halo/shapes/mutations/report-create.ts';
import { SYNCED_SCHEMA } from '@halo/shapes/catalog/replica-schema.ts';
import type { OutboxStore, StoredMutation } from '../outbox/outbox-store.ts';
import { allPending } from '../outbox/pages.ts';
import type { ReplicaDatabase, ReplicaTransaction } from './replica-database.ts';

/**
 * The optimistic rows: pending reports as the replica shows them in `my_reports` until the stream has
 * delivered the row of the same id. Calls wait for one another, so that a rebuild and a settling never cross.
 */
export class PendingReports {
  readonly #database: ReplicaDatabase;
  #last: Promise<unknown> = Promise.resolve();

  constructor(database: ReplicaDatabase) {
    this.#database = database;
  }

  /** Makes the rows those of the outbox; settled ones whose row is still under way stay. */
  rebuild(outbox: Pick<OutboxStore, 'pending'>): Promise<void> {
    return this.#inTurn(async () => {
      // The rows are looked at first: one that another tab adds after that is of a report that may be missing here.
      const { rows } = await this.#database.query<{ id: string }>('SELECT id FROM local.pending_reports');
      const pending = await allPending(outbox);
      const waiting = new Set(pending.map(({ id }) => id));
      const left = rows.map(({ id }) => id).filter((id) => !waiting.has(id));
      await this.#database.transaction(async (tx) => {
        await tx.query('DELETE FROM local.pending_reports WHERE NOT settled AND id = ANY ($1::uuid[])', [
          left,
        ]);
        for (const mutation of pending) await insertReport(tx, mutation);
        await dropDelivered(tx);
      });
    });
  }

  /** Shows a mutation that has just been queued. Others than reports have no row. */
  add(mutation: StoredMutation): Promise<void> {
    return this.#inTurn(() => insertReport(this.#database, mutation));
  }

  /** The server has applied it: the row stays until the stream brings its own. */
  settled(id: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#database.query('UPDATE local.pending_reports SET settled = true WHERE id = $1', [id]);
      await dropDelivered(this.#database);
    });
  }

  /** It was rejected, or dropped: the row goes. */
  remove(id: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#database.query('DELETE FROM local.pending_reports WHERE id = $1', [id]);
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }
}

/**
 * Removes rows whose mutation the stream has told of, as a row or as a settled result; to be run in the
 * transaction that brings them.
 */
export async function dropDelivered(tx: Pick<ReplicaTransaction, 'query'>): Promise<void> {
  await tx.query(
    `DELETE FROM local.pending_reports p
     WHERE EXISTS (SELECT FROM ${SYNCED_SCHEMA}.my_reports r JOIN local.cursors c ON c.snapshot = r._snapshot
                   WHERE r.id = p.id)
        OR (p.settled AND EXISTS (SELECT FROM ${SYNCED_SCHEMA}.my_mutations m
                   JOIN local.cursors c ON c.snapshot = m._snapshot WHERE m.id = p.id))`,
  );
}

async function insertReport(
  tx: Pick<ReplicaTransaction, 'query'>,
  { id, type, args, createdAt }: StoredMutation,
): Promise<void> {
  if (type !== REPORT_CREATE) return;
  const report = reportCreateSchema.safeParse(args);
  // An entry of an older version that no longer fits: it is still delivered, and judged by the server.
  if (!report.success) return;
  const { location, severity, occurredAt, description } = report.data;
  await tx.query(
    `INSERT INTO local.pending_reports
       (id, type, severity, occurred_at, description, lat, lon, accuracy_m, created_at, settled)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, false) ON CONFLICT (id) DO NOTHING`,
    [
      id,
      report.data.type,
      severity,
      occurredAt,
      description,
      location.lat,
      location.lon,
      location.accuracyM,
      createdAt,
    ],
  );
}
