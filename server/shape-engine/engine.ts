import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ChangeLog } from '../change-log/change-log.ts';
import type { Pool } from '../db/pool.ts';
import type { Clock } from '../platform/clock.ts';
import { HaloError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { Bodies } from './bodies.ts';
import { Dispatcher } from './dispatcher.ts';
import { deleteShape } from './delete-shape.ts';
import type {
  DeleteRequest,
  DeleteVerdict,
  ReadRequest,
  ShapeAnswer,
  ShapeEngine,
  ShapeEngineStatus,
  SubsetAnswer,
  SubsetRequest,
} from './shape-engine.ts';
import { ShapeReader } from './shape-reader.ts';
import { ShapeRegistry } from './shape-registry.ts';
import type { TailBudget } from './shape-tail.ts';
import { SnapshotStore } from './snapshot-store.ts';
import { SubsetReader } from './subset-reader.ts';
import { TableSchemas } from './table-schemas.ts';
import { SessionWaiters } from './waiters.ts';
import { loadGrammar } from './where/parse-where.ts';

/** Bytes of encoded messages kept for all shapes together. */
const MAX_TAIL_BYTES = 128 * 1024 * 1024;
/** Bytes of answers in memory, on their way to readers or kept for the next one. */
const DEFAULT_ANSWER_BYTES = 64 * 1024 * 1024;
const DEFAULT_SWEEP_EVERY_MS = 30_000;

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
}

/** Starts the engine on a change log that is open. */
export async function createShapeEngine(options: ShapeEngineOptions): Promise<ShapeEngine> {
  const { pool, changeLog, clock, random } = options;
  const logger = options.logger.child({ component: 'shape-engine' });
  const dir = join(options.cacheDir, 'snapshots');
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  await loadGrammar();
  const stop = new AbortController();
  const waiters = new SessionWaiters();
  const tailBudget: TailBudget = { maxBytes: MAX_TAIL_BYTES, usedBytes: 0 };
  const schemas = new TableSchemas(pool);
  const onTableChanged = (schema: string, table: string) => schemas.forget(schema, table);
  const dispatcher = new Dispatcher({ changeLog, waiters, logger, onTableChanged });
  const context = { pool, changeLog, signal: stop.signal };
  const snapshots = new SnapshotStore({ ...context, dir, clock, random, logger });
  const bodies = new Bodies(options.answerBytes ?? DEFAULT_ANSWER_BYTES);
  const parts = { changeLog, dispatcher, schemas, snapshots, waiters, bodies };
  const registry = new ShapeRegistry({ ...parts, tailBudget, clock });
  const reader = new ShapeReader({ ...parts, pool, registry });
  const sweeping = setInterval(() => registry.sweep(), options.sweepEveryMs ?? DEFAULT_SWEEP_EVERY_MS);
  const subsets = new SubsetReader({ ...parts, pool, registry, random });
  return new RunningEngine({ ...parts, pool, reader, subsets, registry, tailBudget, stop, sweeping });
}

interface EngineParts {
  readonly pool: Pool;
  readonly schemas: TableSchemas;
  readonly changeLog: ChangeLog;
  readonly reader: ShapeReader;
  readonly subsets: SubsetReader;
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
    return this.#unlessStopped(() => this.#parts.reader.read(request));
  }

  subset(request: SubsetRequest): Promise<SubsetAnswer> {
    const signal = AbortSignal.any([request.signal, this.#parts.stop.signal]);
    return this.#unlessStopped(() => this.#parts.subsets.read({ ...request, signal }));
  }

  deleteShape(request: DeleteRequest): Promise<DeleteVerdict> {
    return this.#unlessStopped(() => deleteShape(this.#parts, request));
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
    const { registry, reader, subsets, waiters, snapshots, tailBudget, bodies, dispatcher, changeLog } =
      this.#parts;
    return {
      shapes: registry.size,
      waiting: waiters.count,
      queued: reader.queued + subsets.queued + snapshots.queued,
      snapshotBytes: snapshots.bytes,
      tailBytes: tailBudget.usedBytes,
      answerBytes: bodies.bytes,
      position: dispatcher.position,
      head: changeLog.position(),
    };
  }

  async close(): Promise<void> {
    const { stop, sweeping, registry, waiters, dispatcher, snapshots } = this.#parts;
    if (stop.signal.aborted) return;
    stop.abort(shuttingDown());
    clearInterval(sweeping);
    waiters.close([...registry.all()].map(({ view }) => view.waiting));
    await dispatcher.close();
    await snapshots.close();
  }
}

function shuttingDown(): HaloError {
  return new HaloError('shutting_down', 'The server is stopping.', {
    status: 503,
    hint: 'Try again after the time that Retry-After names.',
    details: { retryAfterS: 1 },
  });
}
