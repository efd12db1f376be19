import type { AreaKind } from '@halo/shapes/taxonomy/states.ts';
import type { Queryable } from '../db/pool.ts';
import type { Area } from './area.ts';

/** Rows that are read at once. */
const PAGE_ROWS = 1_000;

/** Which areas are looked for; what is undefined is no condition. */
export interface AreaFilter {
  readonly kind?: AreaKind | undefined;
  readonly parentCode?: string | undefined;
  readonly codes?: readonly string[] | undefined;
  /** What SQL cannot say: how names are compared must not hang on the database's collation. */
  readonly matches: (area: Area) => boolean;
}

interface AreaRow {
  readonly code: string;
  readonly kind: AreaKind;
  readonly name: string;
  readonly parent_code: string | null;
  readonly lat: number;
  readonly lon: number;
}

/** The first `limit` areas that a filter lets through, of those whose codes come after `after`, in the order of codes. */
export async function findAreas(
  database: Queryable,
  filter: AreaFilter,
  after: string,
  limit: number,
): Promise<Area[]> {
  const found: Area[] = [];
  for (let from: string | undefined = after; from !== undefined && found.length < limit;) {
    const page = await readPage(database, filter, from);
    found.push(...page.filter(filter.matches));
    from = page.length < PAGE_ROWS ? undefined : page.at(-1)?.code;
  }
  return found.slice(0, limit);
}

/** One area; undefined when there is none of this code. */
export async function findArea(database: Queryable, code: string): Promise<Area | undefined> {
  return (await readPage(database, { codes: [code], matches: () => true }, ''))[0];
}

async function readPage(
  database: Queryable,
  { kind, parentCode, codes }: AreaFilter,
  after: string,
): Promise<Area[]> {
  const { rows } = await database.query<AreaRow>({
    name: 'areas_page',
    text: `SELECT code, kind, name, parent_code, lat, lon FROM areas
           WHERE code COLLATE "C" > $1 AND ($2::area_kind IS NULL OR kind = $2)
             AND ($3::text IS NULL OR parent_code = $3) AND ($4::text[] IS NULL OR code = ANY ($4))
           ORDER BY code COLLATE "C" LIMIT ${PAGE_ROWS}`,
    values: [after, kind ?? null, parentCode ?? null, codes ?? null],
  });
  return rows.map(({ parent_code: parent, ...area }) => ({ ...area, parentCode: parent }));
}
