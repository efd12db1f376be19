import type { Pool } from '../db/pool.ts';
import { resolveShape } from './resolve-shape.ts';
import type { SubsetChecker } from './shape-engine.ts';
import { subsetParts } from './subset-sql.ts';
import { loadTableSchema } from './table-schema.ts';
import { loadGrammar } from './where/parse-where.ts';

/** Nothing here is kept or compared by it. */
const NO_EPOCH = '';

/** Checks subsets by the tables of `pool`, as they are at each call: nothing tells here that one was altered. */
export async function createSubsetChecker(pool: Pool): Promise<SubsetChecker> {
  await loadGrammar();
  return {
    async check(source, subset) {
      const table = await loadTableSchema(pool, source.schema, source.table);
      const { orderBy } = subsetParts(resolveShape(source, table, NO_EPOCH), subset, NO_EPOCH);
      return { ...subset, orderBy };
    },
  };
}
