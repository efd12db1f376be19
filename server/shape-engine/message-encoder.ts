import type { Tuple } from '../change-log/change-log.ts';
import type { RowOperation } from './operations.ts';
import type { ResolvedShape } from './resolve-shape.ts';
import type { RowPlaces } from './row-binding.ts';
import { keyPrefix } from './row-key.ts';

/** Clients know transactions by the low 32 bits of their ids, as Postgres's type xid shows them. */
export const SHORT_IDS = 2 ** 32;

/** Writes a shape's messages as JSON. */
export class MessageEncoder {
  readonly #prefix: string;
  readonly #relation: string;
  /** `"column":` of each column of the shape. */
  readonly #names: readonly string[];
  readonly #keyNames: readonly string[];
  readonly #full: boolean;

  constructor(shape: ResolvedShape) {
    this.#prefix = keyPrefix(shape.table.schema, shape.table.table);
    this.#relation = JSON.stringify([shape.table.schema, shape.table.table]);
    this.#names = shape.columns.map((column) => `${JSON.stringify(column.name)}:`);
    this.#keyNames = shape.key.map((column) => `${JSON.stringify(column.name)}:`);
    this.#full = shape.source.replica === 'full';
  }

  /** A change, without what closes it. */
  change(operation: RowOperation, binding: RowPlaces, lsn: bigint, xid: number): string {
    const { keyChangeFrom: from, keyChangeTo: to } = operation;
    const old =
      this.#full && operation.old !== null ? `,"old_value":${this.#oldValue(operation, binding)}` : '';
    const moved =
      (from === undefined ? '' : `,"key_change_from":${this.#key(from)}`) +
      (to === undefined ? '' : `,"key_change_to":${this.#key(to)}`);
    return (
      `{"key":${this.#key(operation.key)},"value":${this.#value(operation, binding)}${old},` +
      `"headers":{"operation":"${operation.operation}","relation":${this.#relation},"lsn":"${lsn}",` +
      `"txids":[${xid % SHORT_IDS}],"op_position":${operation.position}${moved}`
    );
  }

  #key(key: string): string {
    return JSON.stringify(this.#prefix + key);
  }

  #value(operation: RowOperation, binding: RowPlaces): string {
    const { row, old } = operation;
    if (this.#full || operation.operation === 'insert') return this.#row(row, binding);
    if (old === null) return object(binding.key, this.#keyNames, row);
    const isKey = new Set(binding.key);
    return this.#row(row, binding, (index) => isKey.has(index) || row[index] !== old[index]);
  }

  #oldValue({ row, old }: RowOperation, binding: RowPlaces): string {
    return old === null ? '{}' : this.#row(old, binding, (index) => row[index] !== old[index]);
  }

  #row(row: Tuple, binding: RowPlaces, wanted?: (index: number) => boolean): string {
    return object(binding.columns, this.#names, row, wanted);
  }
}

/** The message that ends an answer which has all there is up to `lsn`. */
export function upToDateMessage(lsn: bigint): string {
  return `{"headers":{"control":"up-to-date","global_last_seen_lsn":"${lsn}"}}`;
}

function object(
  indexes: readonly number[],
  names: readonly string[],
  row: Tuple,
  wanted?: (index: number) => boolean,
): string {
  let text = '';
  for (let i = 0; i < indexes.length; i += 1) {
    const index = indexes[i]!;
    if (wanted !== undefined && !wanted(index)) continue;
    const value = row[index] ?? null;
    text += `${text === '' ? '' : ','}${names[i]}${value === null ? 'null' : JSON.stringify(value)}`;
  }
  return `{${text}}`;
}
