import type { LogChange, Tuple } from '../change-log/change-log.ts';
import type { RowBinding } from './row-binding.ts';
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
  if (before === null) return after === null ? null : 'insert';
  if (after === null) return 'delete';
  if (binding.key.some((index) => before[index] !== after[index])) return 'key_change';
  return binding.columns.some((index) => before[index] !== after[index]) ? 'update' : null;
}

/**
 * The operations that such a change consists of. Of a new primary key the delete is at the change's position and
 * the insert at the one after it.
 */
export function operationsOf(
  kind: ChangeKind,
  change: LogChange,
  binding: RowBinding,
): readonly RowOperation[] {
  const { position } = change;
  // The kind says which of them are there.
  const [before, after] = [change.old!, change.new!];
  switch (kind) {
    case 'insert':
      return [{ operation: 'insert', position, key: keyOf(after, binding), row: after, old: null }];
    case 'delete':
      return [{ operation: 'delete', position, key: keyOf(before, binding), row: before, old: null }];
    case 'update':
      return [{ operation: 'update', position, key: keyOf(before, binding), row: after, old: before }];
    case 'key_change': {
      const [from, to] = [keyOf(before, binding), keyOf(after, binding)];
      return [
        { operation: 'delete', position, key: from, row: before, old: null, keyChangeTo: to },
        { operation: 'insert', position: position + 1, key: to, row: after, old: null, keyChangeFrom: from },
      ];
    }
  }
}

function keyOf(row: Tuple, binding: RowBinding): string {
  let key = '';
  for (const index of binding.key) key += keyPart(row[index] ?? null);
  return key;
}
