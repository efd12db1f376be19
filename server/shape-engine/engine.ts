import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChangeLog } from '../change-log/change-log.ts';
import type { Pool } from '../db/pool.ts';
import type { Clock } from '../platform/clock.ts';
import { HaloError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { makePrivateDirectory } from '../platform/private-directory.ts';
import { Barriers } from './barrier.ts';
import { Bodies } from './bodies.ts';
import { Dispatcher } from './dispatcher.ts';
import type { DispatchObserver } from './dispatcher.ts';
import { ChecksumReader } from './checksum-reader.ts';
import { deleteShape } from './delete-shape.ts';
import type {
  ChecksumAnswer,
  ChecksumRequest,
  DeleteRequest,
  DeleteVerdict,
  ReadRequest,
  ShapeAnswer,
  ShapeEngine,
  ShapeEngineStatus,
  ShapeSource,
  ShapeViewStatus,
  SubsetAnswer,
  SubsetRequest,
} from './shape-engine.ts';
import { Gate } from '../platform/gate.ts';
import { ShapeReader } from './shape-reader.ts';
import { ShapeRegistry } from './shape-registry.ts';
import type { TailBudget } from './shape-tail.ts';
import { SnapshotStore } from './snapshot-store.ts';
import { PENDING_BYTES, VALUES } from './subquery/load-states.ts';
import { SharedAmount } from './subquery/memory-share.ts';
import { SubqueryReader } from './subquery/subquery-reader.ts';
import { SubqueryShapes } from './subquery/subquery-shapes.ts';
import { SubsetReader } from './subset-reader.ts';
import { TableSchemas } from './table-schemas.ts';
import { SessionWaiters } from './waiters.ts';
import { viewStatus } from './view-status.ts';
import { loadGrammar } from './where/parse-where.ts';

/** Bytes of encoded messages kept for all shapes together. */
const MAX_TAIL_BYTES = 128 * 1024 * 1024;
/** Bytes of answers in memory, on their way to readers or kept for the next one. */
const DEFAULT_ANSWER_BYTES = 64 * 1024 * 1024;
const DEFAULT_SWEEP_EVERY_MS = 30_000;
/** Bytes of the logs that shapes with subqueries have of their own, together. */
const MAX_OWN_LOG_BYTES = 128 * 1024 * 1024;
/** Such shapes that look for moved rows at once, each with a connection, and how many may wait for that. */
const MAX_MOVING = 2;
const MAX_MOVES_QUEUED = 10_000;

export interface ShapeEngineOptions {
  readonly pool: Pool;
  readonly changeLog: ChangeLog;
  /** A folder of the engine's own, emptied at start. */
  readonly cacheDir: string;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  /** How often idle shapes are looked for, in milliseconds. */
  readonly sweepEveryMs?: number;
  /** Bound of the answers in memory. */
  readonly answerBytes?: number;
  /** Told of each transaction that was handed to its shapes. */
  readonly observer?: DispatchObserver;
}

/** Starts the engine on a change log that is open. */
export async function createShapeEngine(options: ShapeEngineOptions): Promise<ShapeEngine> {
  const { pool, changeLog, clock, random } = options;
  const logger = options.logger.child({ component: 'shape-engine' });
  const dir = join(options.cacheDir, 'snapshots');
  await rm(dir, { recursive: true, force: true });
  await makePrivateDirectory(dir);
  await loadGrammar();
  const stop = new AbortController();
  const waiters = new SessionWaiters();
  const tailBudget: TailBudget = { maxBytes: MAX_TAIL_BYTES, usedBytes: 0 };
  const schemas = new TableSchemas(pool, clock);
  const onTableChanged = (schema: string, table: string) => schemas.forget(schema, table);
  const dispatcher = new Dispatcher({
    ...{ changeLog, waiters, logger, onTableChanged },
    observer: options.observer,
  });
  const barriers = new Barriers(pool, changeLog);
  const context = { pool, changeLog, barriers, signal: stop.signal };
  const snapshots = new SnapshotStore({ ...context, dir, clock, random, logger });
  const bodies = new Bodies(options.answerBytes ?? DEFAULT_ANSWER_BYTES);
  const parts = { changeLog, dispatcher, schemas, snapshots, waiters, bodies };
  const registry = new ShapeRegistry({ ...parts, tailBudget, clock });
  const reader = new ShapeReader({ ...parts, pool, registry });
  const ownLogBudget: TailBudget = {
    maxBytes: MAX_OWN_LOG_BYTES,
    usedBytes: 0,
    largest: () => shapes.longestLog(),
  };
  const followed = { ...parts, ...context, logger, clock, random, tailBudget: ownLogBudget };
  const shapes: SubqueryShapes = new SubqueryShapes({
    ...followed,
    gate: new Gate('moves', MAX_MOVING, MAX_MOVES_QUEUED),
    values: new SharedAmount(VALUES),
    pendingBytes: new SharedAmount(PENDING_BYTES),
  });
  const subqueries = { shapes, reader: new SubqueryReader({ ...parts, shapes }), budget: ownLogBudget };
  const sweep = () => {
    shapes.sweep();
    registry.sweep();
  };
  const sweeping = setInterval(sweep, options.sweepEveryMs ?? DEFAULT_SWEEP_EVERY_MS);
  const subsets = new SubsetReader({ ...parts, pool, registry, random });
  const checksums = new ChecksumReader({ ...parts, ...context, registry });
  const running = {
    ...parts,
    checksums,
    pool,
    barriers,
    reader,
    subsets,
    subqueries,
    registry,
    tailBudget,
    stop,
    sweeping,
  };
  return new RunningEngine(running);
}

interface EngineParts {
  readonly pool: Pool;
  readonly barriers: Barriers;
  readonly schemas: TableSchemas;
  readonly changeLog: ChangeLog;
  readonly reader: ShapeReader;
  readonly subsets: SubsetReader;
  readonly checksums: ChecksumReader;
  readonly subqueries: {
    readonly shapes: SubqueryShapes;
    readonly reader: SubqueryReader;
    readonly budget: TailBudget;
  };
  readonly registry: ShapeRegistry;
  readonly dispatcher: Dispatcher;
  readonly snapshots: SnapshotStore;
  readonly waiters: SessionWaiters;
  readonly tailBudget: TailBudget;
  readonly bodies: Bodies;
  readonly stop: AbortController;
  readonly sweeping: NodeJS.Timeout;
}

class RunningEngine implements ShapeEngine {
  readonly #parts: EngineParts;

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  read(request: ReadRequest): Promise<ShapeAnswer> {
    const { reader, subqueries } = this.#parts;
    const answering = subqueries.shapes.concerns(request.source) ? subqueries.reader : reader;
    return this.#unlessStopped(() => answering.read(request));
  }

  subset(request: SubsetRequest): Promise<SubsetAnswer> {
    if (this.#parts.subqueries.shapes.concerns(request.source)) return Promise.reject(noSubset());
    const signal = AbortSignal.any([request.signal, this.#parts.stop.signal]);
    return this.#unlessStopped(() => this.#parts.subsets.read({ ...request, signal }));
  }

  checksum(request: ChecksumRequest): Promise<ChecksumAnswer> {
    if (this.#parts.subqueries.shapes.concerns(request.source)) return Promise.reject(noSubset());
    const signal = AbortSignal.any([request.signal, this.#parts.stop.signal]);
    return this.#unlessStopped(() => this.#parts.checksums.read({ ...request, signal }));
  }

  deleteShape(request: DeleteRequest): Promise<DeleteVerdict> {
    const { registry, subqueries, stop } = this.#parts;
    const hashOf = async (source: ShapeSource) => {
      const shapes = subqueries.shapes.concerns(source) ? subqueries.shapes : registry;
      return (await shapes.get(source)).shape.hash;
    };
    return this.#unlessStopped(() => deleteShape({ ...this.#parts, signal: stop.signal, hashOf }, request));
  }

  async #unlessStopped<T>(work: () => Promise<T>): Promise<T> {
    if (this.#parts.stop.signal.aborted) throw shuttingDown();
    try {
      return await work();
    } catch (error) {
      // What stopping breaks off is no fault of its own.
      if (this.#parts.stop.signal.aborted && !(error instanceof HaloError)) throw shuttingDown();
      throw error;
    }
  }

  tableAltered(schema: string, table: string): void {
    this.#parts.schemas.forget(schema, table);
  }

  status(): ShapeEngineStatus {
    const { registry, reader, subsets, checksums, subqueries, waiters, snapshots } = this.#parts;
    const { tailBudget, bodies, dispatcher, changeLog } = this.#parts;
    return {
      shapes: registry.size + subqueries.shapes.size,
      waiting: waiters.count,
      queued: reader.queued + subsets.queued + checksums.queued + snapshots.queued,
      snapshotBytes: snapshots.bytes,
      tailBytes: tailBudget.usedBytes + subqueries.budget.usedBytes,
      answerBytes: bodies.bytes,
      position: dispatcher.position,
      head: changeLog.position(),
      aging: changeLog.aging(),
    };
  }

  *views(): Iterable<ShapeViewStatus> {
    for (const active of this.#parts.registry.all()) yield viewStatus(active);
  }

  async close(): Promise<void> {
    const { stop, sweeping, registry, subqueries, waiters, dispatcher, snapshots } = this.#parts;
    if (stop.signal.aborted) return;
    stop.abort(shuttingDown());
    clearInterval(sweeping);
    const shapes = [...registry.all(), ...subqueries.shapes.all()];
    waiters.close(shapes.map(({ view }) => view.waiting));
    await dispatcher.close();
    await subqueries.shapes.close();
    await snapshots.close();
  }
}

/** The positions of such a shape are its own; what a reader beside it has seen could not be told from them. */
function noSubset(): HaloError {
  return new HaloError('where_unsupported', 'Shapes with subqueries have no subsets and no checksums.', {
    status: 400,
    field: 'where',
    hint: 'Follow the shape as a whole.',
  });
}

function shuttingDown(): HaloError {
  return new HaloError('shutting_down', 'The server is stopping.', {
    status: 503,
    hint: 'Try again after the time that Retry-After names.',
    details: { retryAfterS: 1 },
  });
}
