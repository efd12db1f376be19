import type { LogChange, Tuple } from '../change-log/change-log.ts';
import type { RowBinding, RowPlaces } from './row-binding.ts';
import { keyPart } from './row-key.ts';

/** What a change of a row means to a shape; a new primary key is a delete and an insert. */
export type ChangeKind = 'insert' | 'update' | 'delete' | 'key_change';

/** One message's worth of a change. */
export interface RowOperation {
  readonly operation: 'insert' | 'update' | 'delete';
  readonly position: number;
  /** The row's key after its table's name. */
  readonly key: string;
  readonly row: Tuple;
  /** The row before an update. */
  readonly old: Tuple | null;
  readonly keyChangeTo?: string;
  readonly keyChangeFrom?: string;
}

/**
 * What a change means to a shape, null when nothing: a row that moves into the filter is an insert with all its
 * columns, one that moves out a delete, and an update inside is an update unless no column of the shape changed.
 */
export function kindOf(change: LogChange, binding: RowBinding): ChangeKind | null {
  const before = change.old !== null && binding.includes(change.old) ? change.old : null;
  const after = change.new !== null && binding.includes(change.new) ? change.new : null;
  return kindBetween(before, after, binding);
}

function kindBetween(before: Tuple | null, after: Tuple | null, places: RowPlaces): ChangeKind | null {
  if (before === null) return after === null ? null : 'insert';
  if (after === null) return 'delete';
  if (places.key.some((index) => before[index] !== after[index])) return 'key_change';
  return places.columns.some((index) => before[index] !== after[index]) ? 'update' : null;
}

/**
 * The operations that such a change consists of. Of a new primary key the delete is at the change's position and
 * the insert at the one after it.
 */
export function operationsOf(
  kind: ChangeKind,
  change: Pick<LogChange, 'position' | 'old' | 'new'>,
  places: RowPlaces,
): readonly RowOperation[] {
  const { position } = change;
  // The kind says which of them are there.
  const [before, after] = [change.old!, change.new!];
  switch (kind) {
    case 'insert':
      return [{ operation: 'insert', position, key: keyOf(after, places), row: after, old: null }];
    case 'delete':
      return [{ operation: 'delete', position, key: keyOf(before, places), row: before, old: null }];
    case 'update':
      return [{ operation: 'update', position, key: keyOf(before, places), row: after, old: before }];
    case 'key_change': {
      const [from, to] = [keyOf(before, places), keyOf(after, places)];
      return [
        { operation: 'delete', position, key: from, row: before, old: null, keyChangeTo: to },
        { operation: 'insert', position: position + 1, key: to, row: after, old: null, keyChangeFrom: from },
      ];
    }
  }
}

/** The operations between a row's versions within a shape, null where it is not in it. */
export function operationsBetween(
  position: number,
  before: Tuple | null,
  after: Tuple | null,
  places: RowPlaces,
): readonly RowOperation[] {
  const kind = kindBetween(before, after, places);
  return kind === null ? [] : operationsOf(kind, { position, old: before, new: after }, places);
}

function keyOf(row: Tuple, places: Pick<RowPlaces, 'key'>): string {
  let key = '';
  for (const index of places.key) key += keyPart(row[index] ?? null);
  return key;
}
