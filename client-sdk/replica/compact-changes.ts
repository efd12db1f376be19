import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import type { ChangeMessage, WireRow } from '@halo/shapes/protocol/messages.ts';

/** What a run of changes comes to, row by row: each key is in one of the three. */
export interface NetChanges {
  /** Rows that are whole. */
  readonly upserts: readonly WireRow[];
  /** Rows of which only the key and some columns are given. */
  readonly updates: readonly WireRow[];
  /** Rows that go; only the key counts. */
  readonly deletes: readonly WireRow[];
}

type Net = { readonly kind: 'upsert' | 'update' | 'delete'; readonly row: WireRow };

/** Folds changes, in their order, into their net effect. */
export function compactChanges(shape: ShapeDefinition, changes: readonly ChangeMessage[]): NetChanges {
  const nets = new Map<string, Net>();
  for (const { headers, value } of changes) {
    const key = keyOf(shape, value);
    nets.set(key, fold(nets.get(key), headers.operation, value));
  }
  const of = (kind: Net['kind']) =>
    [...nets.values()].filter((net) => net.kind === kind).map(({ row }) => row);
  return { upserts: of('upsert'), updates: of('update'), deletes: of('delete') };
}

/** A text that is the row's own. */
function keyOf({ key }: ShapeDefinition, row: WireRow): string {
  const [first = '', ...others] = key;
  return others.length === 0 ? (row[first] ?? '') : JSON.stringify(key.map((column) => row[column]));
}

function fold(before: Net | undefined, operation: 'insert' | 'update' | 'delete', row: WireRow): Net {
  switch (operation) {
    case 'insert':
      return { kind: 'upsert', row };
    case 'delete':
      return { kind: 'delete', row };
    case 'update':
      if (before?.kind === 'upsert') return { kind: 'upsert', row: { ...before.row, ...row } };
      if (before?.kind === 'update') return { kind: 'update', row: { ...before.row, ...row } };
      return { kind: 'update', row };
  }
}
