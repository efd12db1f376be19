import type { ReplicaDatabase } from '../../replica/replica-database.ts';

/** The version of PGlite that runs a database, as Postgres says it; undefined where it says none. */
export async function pgliteVersion(database: Pick<ReplicaDatabase, 'query'>): Promise<string | undefined> {
  const { rows } = await database.query<{ said: string }>('SELECT version() AS said');
  return /\(PGlite ([^)]+)\)/.exec(rows[0]?.said ?? '')?.[1];
}
