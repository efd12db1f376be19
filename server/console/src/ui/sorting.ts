/** What a table is sorted by, and which way. */
export interface Sorting {
  readonly by: string;
  readonly descending: boolean;
}

/** A sorting out of an address, e.g. `-lastSeen`; `fallback` where it names no column. */
export function sortingOf(text: string | undefined, columns: readonly string[], fallback: Sorting): Sorting {
  if (text === undefined) return fallback;
  const descending = text.startsWith('-');
  const by = descending ? text.slice(1) : text;
  return columns.includes(by) ? { by, descending } : fallback;
}

/** The same for an address. */
export function sortingText({ by, descending }: Sorting): string {
  return descending ? `-${by}` : by;
}

/** The sorting after a press on a column's head: the other way round where it is sorted by it. */
export function pressed(sorting: Sorting, by: string): Sorting {
  return sorting.by === by ? { by, descending: !sorting.descending } : { by, descending: false };
}

/** A value that rows are sorted by; null and undefined come last, whichever way. */
export type SortValue = string | number | null | undefined;

/** The rows in order; equal ones stay as they were. */
export function sorted<Row>(
  rows: readonly Row[],
  valueOf: (row: Row) => SortValue,
  descending: boolean,
): Row[] {
  const way = descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [x, y] = [valueOf(a) ?? undefined, valueOf(b) ?? undefined];
    if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined);
    if (typeof x === 'number' && typeof y === 'number') return way * (x - y);
    const [first, second] = [String(x), String(y)];
    return way * (first < second ? -1 : first > second ? 1 : 0);
  });
}
