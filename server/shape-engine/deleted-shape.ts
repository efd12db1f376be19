import type { LogChange } from '../change-log/change-log.ts';

/** Table whose inserted rows name deleted shapes by their hashes; published with the tables of shapes. */
export const DELETED_SHAPES = 'deleted_shapes';

/** The hash of the shape that a change deletes; undefined where it deletes none. */
export function deletedShape({ operation, relation, new: row }: LogChange): string | undefined {
  if (relation.table !== DELETED_SHAPES || operation !== 'insert') return undefined;
  return row?.[0] ?? undefined;
}
