import { digestSql } from '@halo/shapes/catalog/row-digest.ts';
import { compareLogOffsets } from '@halo/shapes/protocol/offset.ts';
import type { LogOffset } from '@halo/shapes/protocol/offset.ts';
import type { ChangeLog } from '../change-log/change-log.ts';
import type { Pool } from '../db/pool.ts';
import { socketOf } from '../db/socket-of.ts';
import { HaloError, isHaloError } from '../platform/errors.ts';
import type { ActiveShape } from './active-shape.ts';
import type { Barriers } from './barrier.ts';
import { replicationBehind } from './barrier.ts';
import { ChecksumWalk } from './checksum-walk.ts';
import { Gate } from '../platform/gate.ts';
import { parseHandle } from './handle.ts';
import { fromReader } from './log-offset.ts';
import { fromSql, isCurrent } from './resolve-shape.ts';
import { digestText } from './row-digest.ts';
import type { ChecksumAnswer, ChecksumRequest } from './shape-engine.ts';
import type { ShapeRegistry } from './shape-registry.ts';
import { outdatedIfGone, SnapshotOutdated } from './snapshot-rows.ts';
import type { SnapshotStore } from './snapshot-store.ts';
import { lockSql } from './table-lock.ts';
import { loadTableSchema } from './table-schema.ts';
import type { TableSchemas } from './table-schemas.ts';
import { parseVisibility } from './visibility.ts';
import type { Visibility } from './visibility.ts';
import { conditionSql } from './where/condition-sql.ts';

const MAX_AT_ONCE = 2;
const MAX_QUEUED = 200;
const QUERY_TIMEOUT_MS = 30_000;
/** WAL between the reader's offset and the present that is walked through, in bytes. */
const MAX_BEHIND_BYTES = 256n * 1024n * 1024n;
/** Whoever asks for the same shape within this is answered from the same rows, in milliseconds. */
const REUSE_MS = 10_000;
/** Shapes of which such rows' digests are kept. */
const MAX_BASES = 256;
const ATTEMPTS = 3;

export interface ChecksumParts {
  readonly pool: Pool;
  readonly changeLog: ChangeLog;
  readonly registry: ShapeRegistry;
  readonly schemas: TableSchemas;
  readonly snapshots: SnapshotStore;
  readonly barriers: Barriers;
  /** Aborts when the server stops. */
  readonly signal: AbortSignal;
}

/** A shape's digest as one Postgres snapshot saw its rows. */
interface Base {
  readonly seen: Visibility;
  /** Transactions that were not seen lie behind it. */
  readonly scanFrom: LogOffset;
  readonly rows: number;
  readonly digest: bigint;
}

/**
 * Answers what a shape was at an offset that a reader holds. Postgres can only be asked for the present: its digest is
 * brought to the offset over the log, which has each row's old and new values (REPLICA IDENTITY FULL). Changes after the
 * offset that Postgres's snapshot saw are taken back, changes before it that the snapshot did not see are made good;
 * that a barrier has passed says that the log has all of either kind. The result is exact whatever is written meanwhile.
 */
export class ChecksumReader {
  readonly #parts: ChecksumParts;
  readonly #gate = new Gate('checksums', MAX_AT_ONCE, MAX_QUEUED);
  readonly #bases = new Map<string, { readonly until: number; readonly base: Promise<Base> }>();

  constructor(parts: ChecksumParts) {
    this.#parts = parts;
  }

  /** Checksums that wait for their turn. */
  get queued(): number {
    return this.#gate.queued;
  }

  async read(request: ChecksumRequest): Promise<ChecksumAnswer> {
    const { registry, schemas, snapshots } = this.#parts;
    const { source } = request;
    for (let attempt = 1; ; attempt += 1) {
      const active = await registry.get(source);
      const refetch = (): ChecksumAnswer => {
        return { kind: 'must_refetch', handle: snapshots.handleAfter(active, request.handle) };
      };
      const start = fromReader(request.offset);
      if (start.kind !== 'log' || parseHandle(request.handle)?.shape !== active.shape.hash) return refetch();
      if (!this.#canGoOn(active, start)) return refetch();
      try {
        return (await this.#gate.run(() => this.#at(active, request, start))) ?? refetch();
      } catch (error) {
        // Trimmed away under the walk, as it is for a reader who catches up.
        if (isHaloError(error, 'offset_trimmed')) return refetch();
        if (!(error instanceof SnapshotOutdated)) throw error;
        this.#bases.delete(active.shape.hash);
        schemas.forget(source.schema, source.table);
        if (attempt === ATTEMPTS) throw replicationBehind();
      }
    }
  }

  #canGoOn(active: ActiveShape, start: LogOffset): boolean {
    return active.view.continuesAt(start) && this.#parts.changeLog.covers(start);
  }

  /** Undefined where the shape has ended after the offset. */
  async #at(
    active: ActiveShape,
    { columns, signal }: ChecksumRequest,
    start: LogOffset,
  ): Promise<ChecksumAnswer | undefined> {
    const { changeLog, barriers } = this.#parts;
    signal.throwIfAborted();
    const base = await this.#base(active, columns);
    // All that the snapshot saw is in the log after this, and all that the reader can have had.
    await barriers.pass(signal);
    // Another history by now: what was seen is not to be found in it, and positions are not what they were.
    if (active.epoch !== changeLog.epoch) throw new SnapshotOutdated();
    if (start.lsn > changeLog.position()) return { kind: 'out_of_bounds' };
    if (changeLog.position() - start.lsn > MAX_BEHIND_BYTES) throw tooOld();
    if (!this.#canGoOn(active, start)) return undefined;
    if (!changeLog.covers(base.scanFrom)) throw new SnapshotOutdated();
    const walk = new ChecksumWalk(active.shape, columns, base);
    const from = compareLogOffsets(start, base.scanFrom) < 0 ? start : base.scanFrom;
    const reached = await walk.to(changeLog, from, start, signal);
    if (reached === undefined) return undefined;
    return { kind: 'checksum', rows: reached.rows, digest: digestText(reached.digest) };
  }

  #base(active: ActiveShape, columns: ChecksumRequest['columns']): Promise<Base> {
    const { hash } = active.shape;
    const now = performance.now();
    const known = this.#bases.get(hash);
    if (known !== undefined && known.until > now) return known.base;
    this.#bases.delete(hash);
    const base = this.#readBase(active, columns);
    base.catch(() => this.#bases.delete(hash));
    const [oldest] = this.#bases.keys();
    if (oldest !== undefined && this.#bases.size >= MAX_BASES) this.#bases.delete(oldest);
    this.#bases.set(hash, { until: now + REUSE_MS, base });
    return base;
  }

  async #readBase({ shape }: ActiveShape, columns: ChecksumRequest['columns']): Promise<Base> {
    const { pool, changeLog, signal } = this.#parts;
    const client = await pool.connect();
    // No row comes before the sum is whole: a server that stops would wait for it.
    const giveUp = () => void socketOf(client).destroy();
    signal.addEventListener('abort', giveUp, { once: true });
    let failure: Error | undefined;
    try {
      signal.throwIfAborted();
      // The lock comes before the snapshot: afterwards nobody can truncate or alter the table under it.
      await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
      await client.query(lockSql([shape.table]));
      await client.query(`SET LOCAL statement_timeout = ${QUERY_TIMEOUT_MS}`);
      const state = await client.query<{ seen: string }>('SELECT pg_current_snapshot()::text AS seen');
      const seen = parseVisibility(state.rows[0]!.seen);
      const scanFrom = changeLog.offsetBefore(Number(seen.xmin));
      const table = await loadTableSchema(client, shape.table.schema, shape.table.table);
      if (!isCurrent(shape, table, changeLog.epoch)) throw new SnapshotOutdated();
      const where = shape.condition === null ? '' : ` WHERE ${conditionSql(shape.condition)}`;
      const { rows } = await client.query<{ rows: number; digest: string }>(
        digestSql(columns, `FROM ${fromSql(shape.table)}${where}`),
      );
      await client.query('COMMIT');
      return { seen, scanFrom, rows: rows[0]!.rows, digest: BigInt(`0x${rows[0]!.digest}`) };
    } catch (error) {
      failure = outdatedIfGone(error);
      throw failure;
    } finally {
      signal.removeEventListener('abort', giveUp);
      client.release(failure);
    }
  }
}

function tooOld(): HaloError {
  return new HaloError('offset_too_old', 'The offset lies too far behind the present to be compared.', {
    status: 422,
    field: 'offset',
    hint: 'Follow the shape to its end, and ask with the offset reached.',
  });
}
