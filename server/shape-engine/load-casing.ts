import type { Queryable } from '../db/pool.ts';
import { casingOf } from './where/casing.ts';
import type { CasePair, Casing } from './where/casing.ts';

/** Few locales are ever met; more than these are asked again. */
const MAX_REMEMBERED = 16;
/** Planes 0 and 1 of Unicode hold all letters that have case. */
const LAST_CASED = 0x1ffff;
const remembered = new Map<string, Promise<Casing>>();

/**
 * How a collation changes case, asked of Postgres for every character: it depends on a version of Unicode or on
 * a machine's library, and no table of our own would be the same. Asked once for `locale`, which names both.
 * Only for collations that look at one character after the other.
 */
export function loadCasing(db: Queryable, collation: string, locale: string): Promise<Casing> {
  const known = remembered.get(locale);
  if (known !== undefined) return known;
  const loading = ask(db, collation);
  if (remembered.size < MAX_REMEMBERED) {
    remembered.set(locale, loading);
    // A failure is the caller's; the next one asks again.
    loading.catch(() => remembered.delete(locale));
  }
  return loading;
}

async function ask(db: Queryable, collation: string): Promise<Casing> {
  const { rows } = await db.query<CasePair>(`
    SELECT c AS character, lower(c) AS lower, upper(c) AS upper
      FROM (SELECT chr(n) COLLATE ${collation} AS c FROM generate_series(1, ${LAST_CASED}) n
             WHERE n NOT BETWEEN 55296 AND 57343) each
     WHERE lower(c) <> c OR upper(c) <> c`);
  return casingOf(rows);
}
