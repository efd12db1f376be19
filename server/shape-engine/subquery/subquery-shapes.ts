import type { ChangeLog } from '../../change-log/change-log.ts';
import type { Clock } from '../../platform/clock.ts';
import { isHaloError } from '../../platform/errors.ts';
import { busy, Gate } from '../../platform/gate.ts';
import { resolveShape } from '../resolve-shape.ts';
import type { InnerTables } from '../resolve-shape.ts';
import type { ShapeSource } from '../shape-engine.ts';
import { replicationBehind } from '../barrier.ts';
import type { ShapeTail } from '../shape-tail.ts';
import type { Snapshot, SnapshotContext } from '../snapshot.ts';
import type { SnapshotOwner, SnapshotSlot } from '../snapshot-slot.ts';
import type { SnapshotStore } from '../snapshot-store.ts';
import { stableHash } from '../table-schema.ts';
import type { TableSchema } from '../table-schema.ts';
import type { TableSchemas } from '../table-schemas.ts';
import { innerTables } from '../where/parse-where.ts';
import type { InnerTable } from '../where/parse-where.ts';
import { planShape } from './plan.ts';
import type { ShapePlan } from './plan.ts';
import { makeSubquerySnapshot } from './subquery-snapshot.ts';
import type { SubquerySnapshot } from './subquery-snapshot.ts';
import { SubqueryStream } from './subquery-stream.ts';
import type { SubqueryStreamParts } from './subquery-stream.ts';

/** Snapshots made at once; each holds a connection while it waits for a barrier, which takes one as well. */
const MAX_MAKING = 2;
const MAX_QUEUED = 5_000;
/** Shapes held at once; beyond it the ones unused for longest go, and then new ones are refused. */
const MAX_SHAPES = 1_000;
/** A shape that nobody asked for this long is dropped, in milliseconds. */
const IDLE_AFTER_MS = 300_000;
/** Clauses whose tables are remembered, at most. */
const MAX_CLAUSES = 5_000;
/** What no clause with a subquery lacks; most others do, and are not parsed for it. */
const MENTIONS_SELECT = /select/i;

/** A shape with subqueries that is followed on this instance, and on no other. */
export interface SubqueryShape extends SnapshotOwner {
  readonly view: SubqueryStream;
  /** The log's epoch that it was resolved with. */
  readonly epoch: string;
  /** The descriptions that it was last checked against. */
  tables: readonly TableSchema[];
  lastUsedMs: number;
}

export interface SubqueryShapesParts extends SubqueryStreamParts {
  readonly changeLog: ChangeLog;
  readonly schemas: TableSchemas;
  readonly snapshots: SnapshotStore;
  readonly clock: Clock;
  readonly random: () => number;
}

/** The shapes with subqueries in use, by their definition. */
export class SubqueryShapes {
  readonly #parts: SubqueryShapesParts;
  readonly #making = new Gate('snapshots', MAX_MAKING, MAX_QUEUED);
  /** In the order of their last use, the longest unused first. */
  readonly #shapes = new Map<string, SubqueryShape>();
  /** Tables of the subqueries of clauses, so that they are parsed once. */
  readonly #inner = new Map<string, readonly InnerTable[]>();

  constructor(parts: SubqueryShapesParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#shapes.size;
  }

  /** Whether a shape has subqueries; what cannot be read has none, and is refused as any other clause. */
  concerns({ where }: ShapeSource): boolean {
    return where !== null && MENTIONS_SELECT.test(where) && this.#innerOf(where).length > 0;
  }

  /** Every shape. */
  all(): Iterable<SubqueryShape> {
    return this.#shapes.values();
  }

  /** The shape of a definition as its tables are now; one that ended, or whose tables are others, is another. */
  async get(source: ShapeSource): Promise<SubqueryShape> {
    const { changeLog, schemas, snapshots } = this.#parts;
    if (changeLog.epoch === '') throw replicationBehind();
    const name = JSON.stringify(source);
    const named = this.#tablesOf(source);
    const tables = await Promise.all(named.map(({ schema, table }) => schemas.get(schema, table)));
    const known = this.#shapes.get(name);
    if (known !== undefined && !known.view.ended && known.epoch === changeLog.epoch) {
      if (tables.every((table, i) => table === known.tables[i])) return this.#touch(name, known);
      if (this.#planOf(source, tables).identity === known.view.plan.identity) {
        known.tables = tables;
        return this.#touch(name, known);
      }
    }
    if (known !== undefined) {
      snapshots.forget(known);
      this.#drop(name, known);
    }
    this.#makeRoom();
    return this.#touch(name, this.#begin(source, tables));
  }

  /** The longest of the shapes' logs. */
  longestLog(): ShapeTail | undefined {
    let longest: ShapeTail | undefined;
    for (const { view } of this.#shapes.values()) {
      if (longest === undefined || view.tail.bytes > longest.bytes) longest = view.tail;
    }
    return longest;
  }

  /** Drops what nobody used for a while. */
  sweep(): void {
    const { clock, snapshots } = this.#parts;
    const before = clock.now().getTime() - IDLE_AFTER_MS;
    for (const [name, shape] of this.#shapes) {
      const isInUse = shape.view.waiting.size > 0 || snapshots.isInUse(shape);
      if (shape.lastUsedMs < before && !isInUse) this.#drop(name, shape);
    }
  }

  /** Ends all of them. */
  async close(): Promise<void> {
    await Promise.all([...this.#shapes.values()].map(({ view }) => view.close()));
  }

  #begin(source: ShapeSource, tables: readonly TableSchema[]): SubqueryShape {
    const { changeLog, random } = this.#parts;
    const { epoch } = changeLog;
    const planned = this.#planOf(source, tables);
    // Its positions mean something on this instance, and until it ends: so does its hash.
    const hash = stableHash([planned.identity, random(), random()]);
    const plan = { ...planned, shape: { ...planned.shape, hash } };
    const isCurrent = (present: readonly TableSchema[]) =>
      this.#planOf(source, present).identity === plan.identity;
    const view = new SubqueryStream(plan, this.#parts, isCurrent);
    const making = this.#making;
    return {
      shape: plan.shape,
      view,
      epoch,
      tables,
      slot: null as SnapshotSlot | null,
      promised: null as string | null,
      made: { count: 0, ms: 0 },
      lastUsedMs: 0,
      async makeSnapshot(context: SnapshotContext, path: string): Promise<Snapshot> {
        try {
          const made = await making.run(() => makeSubquerySnapshot(context, plan, isCurrent, path));
          return await begin(view, made);
        } catch (error) {
          // Without a beginning it would only collect changes.
          if (!view.begun) view.end('it could not be begun', error);
          throw error;
        }
      },
    };
  }

  #planOf(source: ShapeSource, tables: readonly TableSchema[]): ShapePlan {
    const { changeLog, schemas } = this.#parts;
    const find: InnerTables = (schema, table) =>
      tables.find((each) => each.schema === schema && each.table === table);
    try {
      const own = find(source.schema, source.table)!;
      return planShape(resolveShape(source, own, changeLog.epoch, find), find);
    } catch (error) {
      // Where no shape follows the tables, nothing would tell that they have been altered to fit.
      for (const { schema, table } of tables) schemas.forget(schema, table);
      throw error;
    }
  }

  /** The tables of a shape, its own among them, each once. */
  #tablesOf({ schema, table, where }: ShapeSource): readonly InnerTable[] {
    const inner = where === null ? [] : this.#innerOf(where);
    return [{ schema, table }, ...inner.filter((each) => each.schema !== schema || each.table !== table)];
  }

  #innerOf(where: string): readonly InnerTable[] {
    const known = this.#inner.get(where);
    if (known !== undefined) return known;
    if (this.#inner.size >= MAX_CLAUSES) this.#inner.clear();
    let tables: readonly InnerTable[] = [];
    try {
      tables = innerTables(where);
    } catch (error) {
      if (!isHaloError(error, 'where_unsupported')) throw error;
    }
    this.#inner.set(where, tables);
    return tables;
  }

  #touch(name: string, shape: SubqueryShape): SubqueryShape {
    shape.lastUsedMs = this.#parts.clock.now().getTime();
    this.#shapes.delete(name);
    this.#shapes.set(name, shape);
    return shape;
  }

  #makeRoom(): void {
    if (this.#shapes.size < MAX_SHAPES) return;
    for (const [name, shape] of this.#shapes) {
      if (shape.view.waiting.size > 0) continue;
      this.#drop(name, shape);
      return;
    }
    throw busy('shapes with subqueries');
  }

  #drop(name: string, shape: SubqueryShape): void {
    this.#shapes.delete(name);
    shape.view.end('nobody uses it, or its tables are others');
    this.#parts.snapshots.replace(shape);
  }
}

/** Begins to follow from where a snapshot ended; where that cannot be, nothing is left of it. */
async function begin(view: SubqueryStream, { snapshot, states }: SubquerySnapshot): Promise<Snapshot> {
  try {
    view.begin(states, snapshot.end);
    return snapshot;
  } catch (error) {
    await snapshot.file.dispose();
    throw error;
  }
}
