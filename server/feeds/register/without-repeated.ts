import type { RowItems } from './register-source.ts';
import type { Reject } from './row.ts';

/**
 * What a batch comes to without the rows whose keys are among `keys`, which takes up the others. Of two rows with one key the second
 * is no version of the first: which of them is right is for a person to say.
 */
export function withoutRepeated({ items, rejects }: RowItems, keys: Set<string>): RowItems {
  const fresh: RowItems['items'][number][] = [];
  const repeated: Reject[] = [];
  for (const each of items) {
    const { sourceId } = each.item;
    if (!keys.has(sourceId)) fresh.push(each);
    else
      repeated.push({
        row: each.row,
        reason: sourceId.startsWith('sha256:') ? 'row_repeated' : 'id_repeated',
      });
    keys.add(sourceId);
  }
  return { items: fresh, rejects: [...rejects, ...repeated].toSorted((a, b) => a.row.line - b.row.line) };
}
