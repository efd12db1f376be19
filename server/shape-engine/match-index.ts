import type { LogChange, LogRelation, Tuple } from '../change-log/change-log.ts';
import { hasFullIdentity } from './row-binding.ts';
import type { Equalities } from './where/equalities.ts';

/** What the index needs to know of a shape. */
export interface Matchable {
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  /** Values that a row of the shape must have in one column; null where the condition names none. */
  readonly equalities: Equalities | null;
}

/** Shapes of one table: by value of a column, and those that every change must be shown to. */
class TableIndex<S extends Matchable> {
  readonly byColumn = new Map<string, Map<string, Set<S>>>();
  /** Of indexed columns that are enumerations: the labels that every shape knows which is indexed by it. */
  readonly #labels = new Map<string, ReadonlySet<string>>();
  readonly others = new Set<S>();
  readonly all = new Set<S>();
  #relation: LogRelation | null = null;
  #indexes: readonly (readonly [number, Map<string, Set<S>>])[] | null = [];

  /** The indexed columns' places in a relation; null when it lacks one of them, or its changes lack old values. */
  places(relation: LogRelation): readonly (readonly [number, Map<string, Set<S>>])[] | null {
    if (this.#relation !== relation) {
      const indexes = [...this.byColumn].map(([name, values]) => {
        return [relation.columns.findIndex((column) => column.name === name), values] as const;
      });
      const usable = hasFullIdentity(relation) && indexes.every(([place]) => place >= 0);
      this.#indexes = usable ? indexes : null;
      this.#relation = relation;
    }
    return this.#indexes;
  }

  /** Remembers what labels a shape knows that is indexed by `column`. */
  learn(column: string, labels: readonly string[]): void {
    const known = this.#labels.get(column);
    this.#labels.set(
      column,
      new Set(known === undefined ? labels : labels.filter((each) => known.has(each))),
    );
  }

  /** Whether a row holds a label that some shape does not know: its enumeration has changed. */
  isNews(row: Tuple, relation: LogRelation): boolean {
    for (const [column, labels] of this.#labels) {
      const value = row[relation.columns.findIndex(({ name }) => name === column)] ?? null;
      if (value !== null && !labels.has(value)) return true;
    }
    return false;
  }

  /** To be called when no shape is indexed by a column any more. */
  forget(column: string): void {
    this.byColumn.delete(column);
    this.#labels.delete(column);
    this.forgetPlaces();
  }

  /** To be called when an indexed column came or went. */
  forgetPlaces(): void {
    this.#relation = null;
  }
}

/**
 * Finds the shapes that a change may concern: a hash lookup for each indexed column of its old and its new
 * row, not a question to each shape. It may find too many, never too few.
 */
export class MatchIndex<S extends Matchable> {
  readonly #tables = new Map<string, TableIndex<S>>();
  /** The indexes of the names under which shapes of one table were defined: one, unless it was renamed. */
  readonly #byOid = new Map<number, Map<TableIndex<S>, number>>();

  add(shape: S): void {
    const name = tableName(shape);
    let index = this.#tables.get(name);
    if (index === undefined) this.#tables.set(name, (index = new TableIndex<S>()));
    index.all.add(shape);
    const names = this.#byOid.get(shape.oid) ?? new Map<TableIndex<S>, number>();
    this.#byOid.set(shape.oid, names.set(index, (names.get(index) ?? 0) + 1));
    if (shape.equalities === null) {
      index.others.add(shape);
      return;
    }
    const { column, values, labels } = shape.equalities;
    if (labels !== undefined) index.learn(column, labels);
    let byValue = index.byColumn.get(column);
    if (byValue === undefined) {
      index.byColumn.set(column, (byValue = new Map<string, Set<S>>()));
      index.forgetPlaces();
    }
    for (const value of values) {
      const shapes = byValue.get(value);
      if (shapes === undefined) byValue.set(value, new Set([shape]));
      else shapes.add(shape);
    }
  }

  remove(shape: S): void {
    const name = tableName(shape);
    const index = this.#tables.get(name);
    if (index === undefined) return;
    index.all.delete(shape);
    this.#forgetOid(shape, index);
    index.others.delete(shape);
    if (shape.equalities !== null) this.#removeValues(index, shape, shape.equalities);
    if (index.all.size === 0) this.#tables.delete(name);
  }

  #removeValues(index: TableIndex<S>, shape: S, { column, values }: Equalities): void {
    const byValue = index.byColumn.get(column);
    for (const value of values) {
      const shapes = byValue?.get(value);
      shapes?.delete(shape);
      if (shapes?.size === 0) byValue?.delete(value);
    }
    if (byValue?.size === 0) index.forget(column);
  }

  #forgetOid({ oid }: S, index: TableIndex<S>): void {
    const names = this.#byOid.get(oid);
    const left = (names?.get(index) ?? 1) - 1;
    if (left > 0) return void names?.set(index, left);
    names?.delete(index);
    if (names?.size === 0) this.#byOid.delete(oid);
  }

  /** Every shape. */
  all(): S[] {
    return [...this.#tables.values()].flatMap((index) => [...index.all]);
  }

  /** Shapes that the change may concern; all of the table's for a truncation, or where the table changed. */
  candidates(change: LogChange): Iterable<S> {
    const index = this.#tables.get(tableName(change.relation));
    const names = this.#byOid.get(change.relation.oid);
    if (names === undefined || (names.size === 1 && index !== undefined && names.has(index))) {
      return index === undefined ? [] : this.#candidatesIn(index, change);
    }
    // The table was renamed: shapes of its other names end with this change.
    const found = new Set([...names.keys()].flatMap((each) => [...each.all]));
    if (index !== undefined) for (const shape of this.#candidatesIn(index, change)) found.add(shape);
    return found;
  }

  #candidatesIn(index: TableIndex<S>, change: LogChange): Iterable<S> {
    if (change.operation === 'truncate') return index.all;
    const places = index.places(change.relation);
    if (places === null) return index.all;
    if (places.length === 0) return index.others;
    const { old, new: fresh, relation } = change;
    if (old !== null && index.isNews(old, relation)) return index.all;
    if (fresh !== null && index.isNews(fresh, relation)) return index.all;
    const union = new Union<S>(index.others);
    for (const [place, byValue] of places) {
      union.add(shapesOf(byValue, old, place));
      union.add(shapesOf(byValue, fresh, place));
    }
    return union.result;
  }
}

function shapesOf<S>(
  byValue: ReadonlyMap<string, ReadonlySet<S>>,
  row: Tuple | null,
  place: number,
): ReadonlySet<S> | undefined {
  const value = row?.[place] ?? null;
  return value === null ? undefined : byValue.get(value);
}

/** The union of sets, of which most are empty: where only one is not, it is that one, and nothing is copied. */
class Union<T> {
  #only: ReadonlySet<T>;
  #found: Set<T> | null = null;

  constructor(first: ReadonlySet<T>) {
    this.#only = first;
  }

  add(set: ReadonlySet<T> | undefined): void {
    if (set === undefined || set === this.#only || set.size === 0) return;
    if (this.#found === null && this.#only.size === 0) {
      this.#only = set;
      return;
    }
    this.#found ??= new Set(this.#only);
    for (const each of set) this.#found.add(each);
  }

  get result(): Iterable<T> {
    return this.#found ?? this.#only;
  }
}

function tableName({ schema, table }: { readonly schema: string; readonly table: string }): string {
  return `${schema}\0${table}`;
}
