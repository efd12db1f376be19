/** Ids of one query. */
const MAX_IDS = 5_000;

/**
 * Looks many ids up with few queries: one query runs at a time, and those asked for meanwhile share the next.
 * What it tells is never older than the question.
 */
export function batchLookups<T>(
  lookUp: (ids: readonly string[]) => Promise<ReadonlyMap<string, T>>,
): (id: string) => Promise<T | undefined> {
  let last: Promise<unknown> = Promise.resolve();
  let next: { readonly ids: Set<string>; readonly found: Promise<ReadonlyMap<string, T>> } | undefined;
  return async (id) => {
    if (next === undefined || next.ids.size >= MAX_IDS) {
      const ids = new Set<string>();
      const found = last.then(() => {
        // From here on others need a query that begins later.
        if (next?.ids === ids) next = undefined;
        return lookUp([...ids]);
      });
      last = found.catch(() => {});
      next = { ids, found };
    }
    next.ids.add(id);
    return (await next.found).get(id);
  };
}
