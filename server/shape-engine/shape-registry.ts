import type { ChangeLog } from '../change-log/change-log.ts';
import type { Clock } from '../platform/clock.ts';
import type { ActiveShape } from './active-shape.ts';
import type { Bodies } from './bodies.ts';
import type { Dispatcher } from './dispatcher.ts';
import { busy } from '../platform/gate.ts';
import { resolveShape } from './resolve-shape.ts';
import type { ResolvedShape } from './resolve-shape.ts';
import type { ShapeSource } from './shape-engine.ts';
import type { TailBudget } from './shape-tail.ts';
import { ShapeView } from './shape-view.ts';
import { replicationBehind } from './barrier.ts';
import type { SnapshotStore } from './snapshot-store.ts';
import type { TableSchema } from './table-schema.ts';
import type { TableSchemas } from './table-schemas.ts';
import type { SessionWaiters } from './waiters.ts';

/** Shapes held at once; beyond it the ones unused for longest go, and then new ones are refused. */
const MAX_SHAPES = 50_000;
/** A shape that nobody asked for this long is dropped, in milliseconds. */
const IDLE_AFTER_MS = 300_000;

export interface RegistryParts {
  readonly changeLog: ChangeLog;
  readonly dispatcher: Dispatcher;
  readonly schemas: TableSchemas;
  readonly snapshots: SnapshotStore;
  readonly waiters: SessionWaiters;
  readonly tailBudget: TailBudget;
  readonly bodies: Bodies;
  readonly clock: Clock;
}

/** The shapes in use, by their definition. */
export class ShapeRegistry {
  readonly #parts: RegistryParts;
  /** In the order of their last use, the longest unused first. */
  readonly #shapes = new Map<string, ActiveShape>();

  constructor(parts: RegistryParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#shapes.size;
  }

  /**
   * The shape of a definition as the table is now. A shape whose table or log changed under it gets another
   * hash, hence other handles; those who follow the old one are told to fetch again.
   */
  async get(source: ShapeSource): Promise<ActiveShape> {
    const { changeLog, schemas, snapshots, clock } = this.#parts;
    // The log does not know yet which history it belongs to.
    if (changeLog.epoch === '') throw replicationBehind();
    const name = JSON.stringify(source);
    const table = await schemas.get(source.schema, source.table);
    const known = this.#shapes.get(name);
    if (known !== undefined && known.table === table && known.epoch === changeLog.epoch) {
      return this.#touch(name, known);
    }
    const shape = this.#resolve(source, table, changeLog.epoch);
    if (known !== undefined && known.shape.hash === shape.hash) {
      known.table = table;
      return this.#touch(name, known);
    }
    if (known !== undefined) {
      snapshots.forget(known);
      this.#drop(name, known);
    }
    this.#makeRoom();
    const view = new ShapeView(shape, this.#parts.dispatcher.startingPoint(), this.#parts.tailBudget);
    const active: ActiveShape = {
      shape,
      view,
      table,
      epoch: changeLog.epoch,
      slot: null,
      promised: null,
      made: { count: 0, ms: 0 },
      lastUsedMs: clock.now().getTime(),
      gone: false,
      catchingUp: new Map(),
    };
    this.#parts.dispatcher.add(view);
    this.#shapes.set(name, active);
    return active;
  }

  /** Drops what nobody used for a while. */
  sweep(): void {
    const { clock, snapshots } = this.#parts;
    const before = clock.now().getTime() - IDLE_AFTER_MS;
    for (const [name, active] of this.#shapes) {
      const isInUse = active.view.waiting.size > 0 || snapshots.isInUse(active);
      if (active.lastUsedMs < before && !isInUse) this.#drop(name, active);
    }
    snapshots.sweep();
  }

  /** Throws the snapshots of a deleted shape away. */
  forgetSnapshot(hash: string): void {
    for (const active of this.#shapes.values()) {
      if (active.shape.hash === hash) this.#parts.snapshots.forget(active);
    }
  }

  /** Every shape. */
  all(): Iterable<ActiveShape> {
    return this.#shapes.values();
  }

  #resolve(source: ShapeSource, table: TableSchema, epoch: string): ResolvedShape {
    try {
      return resolveShape(source, table, epoch);
    } catch (error) {
      // Where no shape follows the table, nothing would tell that it has been altered to fit: look again next time.
      this.#parts.schemas.forget(source.schema, source.table);
      throw error;
    }
  }

  #touch(name: string, active: ActiveShape): ActiveShape {
    active.lastUsedMs = this.#parts.clock.now().getTime();
    this.#shapes.delete(name);
    this.#shapes.set(name, active);
    return active;
  }

  #makeRoom(): void {
    if (this.#shapes.size < MAX_SHAPES) return;
    for (const [name, active] of this.#shapes) {
      if (active.view.waiting.size > 0) continue;
      this.#drop(name, active);
      return;
    }
    throw busy('shapes');
  }

  #drop(name: string, active: ActiveShape): void {
    active.gone = true;
    this.#shapes.delete(name);
    this.#parts.dispatcher.remove(active.view);
    this.#parts.snapshots.replace(active);
    this.#parts.bodies.forget(active.view);
    active.view.tail.restart(active.view.tail.from);
    this.#parts.waiters.endAll(active.view.waiting, 'news');
  }
}
