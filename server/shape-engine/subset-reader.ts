import { setTimeout as sleep } from 'node:timers/promises';
import { compareLogOffsets } from '@halo/shapes/protocol/offset.ts';
import type { LogOffset, Offset } from '@halo/shapes/protocol/offset.ts';
import { to as copyTo } from 'pg-copy-streams';
import type { Pool, Transaction } from '../db/pool.ts';
import type { ChangeLog } from '../change-log/change-log.ts';
import type { ActiveShape } from './active-shape.ts';
import type { Bodies } from './bodies.ts';
import { CopyRowEncoder, linesOf } from './copy-rows.ts';
import { Gate } from '../platform/gate.ts';
import { hasSeen } from './has-seen.ts';
import { parseHandle } from './handle.ts';
import { endOf, fromReader, toReader } from './log-offset.ts';
import { resolveShape } from './resolve-shape.ts';
import type { SubsetAnswer, SubsetRequest } from './shape-engine.ts';
import type { ShapeRegistry } from './shape-registry.ts';
import { replicationBehind } from './barrier.ts';
import type { SnapshotStore } from './snapshot-store.ts';
import { stretches } from './stretch.ts';
import { subsetFault } from './subset-fault.ts';
import { subsetSql } from './subset-sql.ts';
import { waitFailure, lockSql } from './table-lock.ts';
import { loadTableSchema } from './table-schema.ts';
import type { TableSchemas } from './table-schemas.ts';
import { parseVisibility } from './visibility.ts';
import type { Visibility } from './visibility.ts';
import { rowFailure } from './where/row-failure.ts';

const MAX_AT_ONCE = 4;
const MAX_QUEUED = 1_000;
const QUERY_TIMEOUT_MS = 30_000;
/** A subset is held in memory until it is sent; whoever wants more asks for it in parts. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Between commit and visibility there is a moment; so long and so often a subset waits for it to pass. */
const RETRY_AFTER_MS = 20;
const ATTEMPTS = 50;
const MAX_MARK = 2 ** 31;

export interface SubsetParts {
  readonly pool: Pool;
  readonly changeLog: ChangeLog;
  readonly registry: ShapeRegistry;
  readonly schemas: TableSchemas;
  readonly snapshots: SnapshotStore;
  readonly bodies: Bodies;
  readonly random: () => number;
}

/**
 * Answers subsets: some of a shape's rows as one Postgres snapshot sees them. The reader follows the log beside and
 * leaves out what the snapshot saw, by its transactions' ids. What the log gave him before, the snapshot must
 * therefore have seen: one that has not is taken again.
 */
export class SubsetReader {
  readonly #parts: SubsetParts;
  readonly #gate = new Gate('subsets', MAX_AT_ONCE, MAX_QUEUED);

  constructor(parts: SubsetParts) {
    this.#parts = parts;
  }

  /** Subsets that wait for their turn. */
  get queued(): number {
    return this.#gate.queued;
  }

  async read(request: SubsetRequest): Promise<SubsetAnswer> {
    const { registry, snapshots, changeLog } = this.#parts;
    const active = await registry.get(request.source);
    const isOwn = request.handle !== null && parseHandle(request.handle)?.shape === active.shape.hash;
    const start = fromReader(request.offset);
    const begins = start.kind === 'before_all' || start.kind === 'now';
    const goesOn = start.kind !== 'log' || (active.view.continuesAt(start) && changeLog.covers(start));
    if (!begins && !(isOwn && goesOn)) {
      return { kind: 'must_refetch', handle: snapshots.handleAfter(active, request.handle) };
    }
    const sql = subsetSql(active.shape, request.subset, active.epoch);
    return this.#gate.run(async () => {
      const known = this.#positionOf(start);
      const body = this.#parts.bodies.whole(await this.#rows(active, sql, known, request.signal));
      const handle = isOwn ? request.handle : snapshots.mint(active);
      const { schemaHeader: schema } = active.shape;
      return { kind: 'subset', handle, offset: toReader(begins ? known : start), schema, body };
    });
  }

  /** Where the reader stands, or where he begins to read the log. */
  #positionOf(start: Offset): LogOffset {
    const present = endOf(this.#parts.changeLog.position());
    if (start.kind !== 'log') return present;
    // Another instance gave it, and this one cannot tell yet what lies before it.
    if (compareLogOffsets(start, present) > 0) throw replicationBehind();
    return start;
  }

  async #rows(
    active: ActiveShape,
    sql: string,
    known: LogOffset,
    signal: AbortSignal,
  ): Promise<Buffer<ArrayBuffer>> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      signal.throwIfAborted();
      const rows = await this.#tryRows(active, sql, known, signal);
      if (rows !== undefined) return rows;
      await sleep(RETRY_AFTER_MS);
    }
    throw replicationBehind();
  }

  /** Undefined when the snapshot has not seen all that the reader has, or the table is another meanwhile. */
  async #tryRows(
    active: ActiveShape,
    sql: string,
    known: LogOffset,
    signal: AbortSignal,
  ): Promise<Buffer<ArrayBuffer> | undefined> {
    const { pool, changeLog, schemas } = this.#parts;
    const { shape } = active;
    const { schema, table } = shape.table;
    const client = await pool.connect();
    let failure: Error | undefined;
    try {
      await client.query('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY');
      await client.query(`SET LOCAL statement_timeout = ${QUERY_TIMEOUT_MS}`);
      await client.query(lockSql([shape.table]));
      const { seen, lsn } = await stateOf(client);
      const now = await loadTableSchema(client, schema, table);
      const isSame = resolveShape(shape.source, now, active.epoch).hash === shape.hash;
      if (!isSame) schemas.forget(schema, table);
      const isGood = isSame && (await hasSeen(changeLog, seen, known));
      const rows = isGood ? await this.#encode(active, client, sql, seen, lsn, signal) : undefined;
      await client.query('COMMIT');
      if (!isSame) throw replicationBehind();
      return rows;
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      const fault = rowFailure(error);
      throw fault === undefined
        ? (waitFailure(error) ?? error)
        : subsetFault('where', fault.message, fault.details);
    } finally {
      // After a failure the connection may be in mid-copy; it is not used again.
      client.release(failure);
    }
  }

  async #encode(
    { shape }: ActiveShape,
    client: Transaction,
    sql: string,
    seen: Visibility,
    lsn: string,
    signal: AbortSignal,
  ): Promise<Buffer<ArrayBuffer>> {
    const mark = Math.floor(this.#parts.random() * MAX_MARK);
    const metadata = {
      xmin: String(seen.xmin),
      xmax: String(seen.xmax),
      xip_list: [...seen.running].map(String),
      snapshot_mark: mark,
      database_lsn: lsn,
    };
    const parts: Buffer[] = [];
    let bytes = 0;
    const encoder = new CopyRowEncoder(shape);
    const stepAside = stretches();
    for await (const lines of linesOf(client.query(copyTo(`COPY (${sql}) TO STDOUT`)))) {
      signal.throwIfAborted();
      const texts = lines.map((line) => `${encoder.message(line).slice(0, -2)},"snapshot_mark":${mark}}}`);
      const part = Buffer.from((parts.length === 0 ? '' : ',') + texts.join(','));
      bytes += part.length;
      if (bytes > MAX_BYTES)
        throw subsetFault('limit', `must be lower: a subset is at most ${MAX_BYTES} bytes`);
      parts.push(part);
      await stepAside();
    }
    const head = `{"metadata":${JSON.stringify(metadata)}, "data": [`;
    return Buffer.concat([Buffer.from(head), ...parts, Buffer.from(']}')]);
  }
}

/** What the snapshot sees, and an LSN that all of it lies before: read after the snapshot was taken. */
async function stateOf(client: Transaction): Promise<{ seen: Visibility; lsn: string }> {
  const { rows } = await client.query<{ seen: string; lsn: string }>(
    `SELECT pg_current_snapshot()::text AS seen,
            pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::text AS lsn`,
  );
  return { seen: parseVisibility(rows[0]!.seen), lsn: rows[0]!.lsn };
}
