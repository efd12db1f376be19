import { decodeCursor, encodeCursor } from './keyset-cursor.ts';
import type { KeysetPosition } from './keyset-cursor.ts';

/** Part of a list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

/**
 * Reads one page of a list. One row more than is shown tells whether this is the end.
 *
 * @param scope names the list and all that filters it; see `encodeCursor`
 */
export async function readPage<Item>(
  { cursor, limit }: { readonly cursor?: string | undefined; readonly limit: number },
  scope: unknown,
  read: (
    after: KeysetPosition | undefined,
    limit: number,
  ) => Promise<readonly { readonly item: Item; readonly position: KeysetPosition }[]>,
): Promise<Page<Item>> {
  const after = cursor === undefined ? undefined : decodeCursor(cursor, scope);
  const rows = await read(after, limit + 1);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const goesOn = rows.length > limit && last !== undefined;
  return {
    items: shown.map(({ item }) => item),
    nextCursor: goesOn ? encodeCursor(last.position, scope) : null,
  };
}
