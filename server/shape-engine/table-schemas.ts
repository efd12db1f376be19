import type { Pool } from '../db/pool.ts';
import { loadTableSchema } from './table-schema.ts';
import type { TableSchema } from './table-schema.ts';

/** Tables described at once at most; the catalogue has a handful. */
const MAX_TABLES = 1_000;

/**
 * Descriptions of tables, read from the catalogue once and again after `forget`: the change log shows by the
 * relation of a change that a table is not what it was.
 */
export class TableSchemas {
  readonly #pool: Pool;
  readonly #known = new Map<string, Promise<TableSchema>>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** The table's description; rejects with `table_not_found`. */
  get(schema: string, table: string): Promise<TableSchema> {
    const name = JSON.stringify([schema, table]);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_TABLES) this.#known.clear();
    const loading = loadTableSchema(this.#pool, schema, table);
    this.#known.set(name, loading);
    // A failure is not remembered: the table may appear, the database may come back.
    loading.catch(() => this.#known.delete(name));
    return loading;
  }

  /** Makes the next `get` read the catalogue again. */
  forget(schema: string, table: string): void {
    this.#known.delete(JSON.stringify([schema, table]));
  }
}
