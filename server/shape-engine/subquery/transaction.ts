import type { LogChange, LogRelation, Tuple } from '../../change-log/change-log.ts';
import { sameRelation } from '../row-binding.ts';
import type { QueryPlan, ShapePlan } from './plan.ts';
import { placesIn } from './query-state.ts';

/** What a change is to one query: its row before and after, of the query's columns alone. */
export interface RowChange {
  readonly position: number;
  readonly old: Tuple | null;
  readonly new: Tuple | null;
}

/** A committed transaction as one shape sees it. */
export interface ShapeTransaction {
  readonly lsn: bigint;
  readonly xid: number;
  /** For each query of the plan its changes. */
  readonly rows: readonly (readonly RowChange[])[];
  /** The highest position among them. */
  readonly lastPosition: number;
  /** A measure of the memory that it takes. */
  readonly bytes: number;
}

/** Memory of a change beside its texts, in bytes. */
const CHANGE_BYTES = 200;

/** Picks out of the log's changes what the queries of a shape need. */
export class ChangeReader {
  readonly #plan: ShapePlan;
  readonly #known = new Map<QueryPlan, { relation: LogRelation; places: readonly number[] }>();

  constructor(plan: ShapePlan) {
    this.#plan = plan;
  }

  /** Whether the change is of one of the shape's tables, by name or by what it once was. */
  concerns({ relation }: LogChange): boolean {
    return this.#plan.queries.some(({ table }) => concerns(table, relation));
  }

  /** A transaction to be filled. */
  begin(lsn: bigint, xid: number): OpenTransaction {
    return new OpenTransaction(this.#plan, (query, relation) => this.#places(query, relation), lsn, xid);
  }

  #places(query: QueryPlan, relation: LogRelation): readonly number[] | null {
    const known = this.#known.get(query);
    if (known !== undefined && sameRelation(known.relation, relation)) return known.places;
    const places = placesIn(query, relation);
    if (places !== null) this.#known.set(query, { relation, places });
    return places;
  }
}

type FindPlaces = (query: QueryPlan, relation: LogRelation) => readonly number[] | null;

/** A transaction of which not all has been read. */
export class OpenTransaction implements ShapeTransaction {
  readonly lsn: bigint;
  readonly xid: number;
  readonly rows: RowChange[][];
  lastPosition = 0;
  bytes = 0;
  readonly #plan: ShapePlan;
  readonly #places: FindPlaces;

  constructor(plan: ShapePlan, places: FindPlaces, lsn: bigint, xid: number) {
    this.lsn = lsn;
    this.xid = xid;
    this.#plan = plan;
    this.#places = places;
    this.rows = plan.queries.map(() => []);
  }

  /** Adds a change; false when the shape ends with it: a table was truncated, or is another now. */
  add(change: LogChange): boolean {
    for (const query of this.#plan.queries) {
      if (!concerns(query.table, change.relation)) continue;
      const places = change.operation === 'truncate' ? null : this.#places(query, change.relation);
      if (places === null) return false;
      const [before, after] = [pick(change.old, places), pick(change.new, places)];
      this.rows[query.index]!.push({ position: change.position, old: before, new: after });
      this.bytes += CHANGE_BYTES + bytesOf(before) + bytesOf(after);
    }
    if (change.position > this.lastPosition) this.lastPosition = change.position;
    return true;
  }
}

function concerns(
  { oid, schema, table }: { readonly oid: number; readonly schema: string; readonly table: string },
  relation: LogRelation,
): boolean {
  return relation.oid === oid || (relation.table === table && relation.schema === schema);
}

function pick(row: Tuple | null, places: readonly number[]): Tuple | null {
  return row === null ? null : places.map((place) => row[place] ?? null);
}

/** Characters of a row's texts. */
export function bytesOf(row: Tuple | null): number {
  let bytes = 0;
  for (const text of row ?? []) bytes += text?.length ?? 0;
  return bytes;
}
