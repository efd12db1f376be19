import type { Tuple } from '../../change-log/change-log.ts';
import { CopyRowEncoder } from '../copy-rows.ts';
import type { RowPlaces } from '../row-binding.ts';
import { selectSql } from '../resolve-shape.ts';
import { keyPrefix } from '../row-key.ts';
import { rowOf } from './base.ts';
import { quoteIdentifier } from '@halo/shapes/catalog/replica-schema.ts';
import type { ShapePlan } from './plan.ts';
import type { QueryState } from './query-state.ts';
import { TagHashes, tagsOf } from './tags.ts';
import type { Side } from './value-set.ts';

/** Writes what messages of a shape with subqueries have beside those of others, and the rows of its snapshots. */
export class RowEncoder {
  /** Where the shape's columns stand in the rows of its own query. */
  readonly places: RowPlaces;
  readonly #plan: ShapePlan;
  readonly #hashes: TagHashes;
  readonly #copied: CopyRowEncoder;
  readonly #start: string;
  readonly #names: readonly string[];
  readonly #relation: string;
  /** Columns whose snapshots say `true` where the log says `t`. */
  readonly #inWords: readonly boolean[];

  constructor(plan: ShapePlan) {
    const { shape, own } = plan;
    const { schema, table } = shape.table;
    this.#plan = plan;
    this.#hashes = new TagHashes(plan.identity);
    this.#copied = new CopyRowEncoder(shape);
    this.places = {
      columns: shape.columns.map((column) => own.used.indexOf(column)),
      key: shape.key.map((column) => own.used.indexOf(column)),
    };
    this.#start = keyPrefix(schema, table);
    this.#names = shape.columns.map(({ name }) => JSON.stringify(name));
    this.#relation = JSON.stringify([schema, table]);
    this.#inWords = shape.columns.map(
      ({ typeName }) => shape.source.wordBooleans === true && typeName === 'bool',
    );
  }

  /** The query of a snapshot, which gives the columns of the own query's rows before those that are sent. */
  snapshotSql(where: string): string {
    const { shape, own } = this.#plan;
    const used = own.used.map(({ name }) => quoteIdentifier(name)).join(', ');
    const sql = selectSql(shape.table, shape.columns, where, shape.source.wordBooleans === true);
    return `SELECT ${used}, ${sql.slice('SELECT '.length)}`;
  }

  /** The message of a line of that query. */
  snapshotRow(line: string, state: QueryState): string {
    let at = 0;
    for (let i = 0; i < this.#plan.own.used.length; i += 1) at = line.indexOf('\t', at) + 1;
    const row = rowOf(this.#plan.own, line.slice(0, at - 1));
    return `${this.#copied.message(line.slice(at)).slice(0, -'}}'.length)}${this.reasons(row, state, 'after')}}}`;
  }

  /** The message of a row that has come in without a change of its own. */
  movedIn(row: Tuple, state: QueryState): string {
    const { columns } = this.places;
    const values = columns.map((place, i) => `${this.#names[i]!}:${this.#json(row[place] ?? null, i)}`);
    return (
      `{"key":${JSON.stringify(this.#start + state.keyOf(row))},"value":{${values.join(',')}},` +
      `"headers":{"operation":"insert","relation":${this.#relation},"is_move_in":true` +
      `${this.reasons(row, state, 'after')}}}`
    );
  }

  /** Headers that say by what the row is in the shape: `,"tags":[…],"active_conditions":[…]`. */
  reasons(row: Tuple, state: QueryState, side: Side): string {
    const tags = JSON.stringify(this.tags(row, state));
    return `,"tags":${tags},"active_conditions":${JSON.stringify(state.verdicts(row, side))}`;
  }

  tags(row: Tuple, state: QueryState): readonly string[] {
    return tagsOf(state.plan.form!.groups, state.keys(row), this.#hashes);
  }

  /** Control message about values that have come into a literal, or gone. */
  event(
    event: 'move-in' | 'move-out',
    patterns: readonly { readonly literal: number; readonly key: string }[],
    txid: number,
  ): string {
    const named = patterns.map(({ literal, key }) => ({ pos: literal, value: this.#hashes.of(key) }));
    return JSON.stringify({ headers: { event, patterns: named, txids: [txid] } });
  }

  #json(text: string | null, column: number): string {
    if (text === null) return 'null';
    if (this.#inWords[column] === true) return text === 't' ? '"true"' : '"false"';
    return JSON.stringify(text);
  }
}
