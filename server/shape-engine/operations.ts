import type { LogChange, Tuple } from '../change-log/change-log.ts';
import type { RowBinding } from './row-binding.ts';
import { keyPart } from './row-key.ts';

/** What one change of a row means to one shape. */
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
 * Translates a change into a shape's operations: a row that moves into the filter is an insert with all its
 * columns, one that moves out a delete, an update inside is an update unless no column of the shape changed,
 * and a new primary key is a delete at the change's position and an insert at the one after it.
 */
export function operationsOf(change: LogChange, binding: RowBinding): readonly RowOperation[] {
  const before = change.old !== null && binding.includes(change.old) ? change.old : null;
  const after = change.new !== null && binding.includes(change.new) ? change.new : null;
  const { position } = change;
  if (before === null) {
    if (after === null) return [];
    return [{ operation: 'insert', position, key: keyOf(after, binding), row: after, old: null }];
  }
  const key = keyOf(before, binding);
  const remove: RowOperation = { operation: 'delete', position, key, row: before, old: null };
  if (after === null) return [remove];
  const newKey = keyOf(after, binding);
  if (newKey !== key) {
    const insert: RowOperation = {
      operation: 'insert',
      position: position + 1,
      key: newKey,
      row: after,
      old: null,
      keyChangeFrom: key,
    };
    return [{ ...remove, keyChangeTo: newKey }, insert];
  }
  if (binding.columns.every((index) => before[index] === after[index])) return [];
  return [{ operation: 'update', position, key, row: after, old: before }];
}

function keyOf(row: Tuple, binding: RowBinding): string {
  let key = '';
  for (const index of binding.key) key += keyPart(row[index] ?? null);
  return key;
}
