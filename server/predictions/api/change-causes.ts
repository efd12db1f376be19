import type { Queryable } from '../../db/pool.ts';
import type { ChangeCause } from '../champion-history.ts';
import type { Series } from '../forecast.ts';

/** Why the last change was made to who speaks for a series; null where none is recorded. */
export type CauseOf = (series: Series) => ChangeCause | null;

/** Reads the cause of the last change of each series. */
export async function readLastCauses(db: Queryable): Promise<CauseOf> {
  const { rows } = await db.query<{ placeKind: string; category: string; cause: ChangeCause }>(
    `SELECT DISTINCT ON (place_kind, category) place_kind AS "placeKind", category, cause FROM champion_changes
     ORDER BY place_kind, category, id DESC`,
  );
  return ({ placeKind, category }) =>
    rows.find((one) => one.placeKind === placeKind && one.category === category)?.cause ?? null;
}
