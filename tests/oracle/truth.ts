import type { Pool } from '../../server/db/pool.ts';
import type { Follower } from './follower.ts';

/** Every value as the text that Postgres itself gives it. */
const AS_TEXT = { getTypeParser: () => (text: string) => text };
const SHOWN_ROWS = 5;

/** What of a shape is not as its query says; undefined when all is. */
export async function differenceOf(pool: Pool, { shape, reader }: Follower): Promise<string | undefined> {
  const { rows } = await pool.query<(string | null)[]>({ text: shape.sql, rowMode: 'array', types: AS_TEXT });
  const names = shape.definition.columns.map(({ name }) => name);
  const wanted = rows.map((row) => JSON.stringify(row)).toSorted();
  const held = [...reader.rows.values()]
    .map((row) => JSON.stringify(names.map((name) => row[name])))
    .toSorted();
  const missing = without(wanted, held);
  const superfluous = without(held, wanted);
  if (missing.length === 0 && superfluous.length === 0) return undefined;
  return [
    `${shape.definition.name} (${shape.replica}): ${shape.sql}`,
    `offset ${reader.offset}, handle ${reader.handle}`,
    `missing ${missing.length}: ${missing.slice(0, SHOWN_ROWS).join(' ')}`,
    `superfluous ${superfluous.length}: ${superfluous.slice(0, SHOWN_ROWS).join(' ')}`,
  ].join('\n  ');
}

function without(from: readonly string[], these: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const each of these) left.set(each, (left.get(each) ?? 0) + 1);
  return from.filter((each) => {
    const count = left.get(each) ?? 0;
    left.set(each, count - 1);
    return count <= 0;
  });
}
