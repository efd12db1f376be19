import type { Pool } from '../db/pool.ts';
import type { Clock } from '../platform/clock.ts';
import { isHaloError } from '../platform/errors.ts';
import { loadTableSchema } from './table-schema.ts';
import type { TableSchema } from './table-schema.ts';

/** Tables described at once at most; the catalogue has a handful. */
const MAX_TABLES = 1_000;
/**
 * A description that is used is looked at again after this long, in milliseconds. A table that is dropped, or made again
 * under its name, says nothing by the log; the time is that of Electric's own look.
 */
const LOOK_AGAIN_AFTER_MS = 60_000;

interface Known {
  readonly loading: Promise<TableSchema>;
  /** When it was last asked for. */
  atMs: number;
}

/**
 * Descriptions of tables, read from the catalogue once, again after `forget`, for the change log shows by the relation
 * of a change that a table is not what it was, and now and then while they are used.
 */
export class TableSchemas {
  readonly #pool: Pool;
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();

  constructor(pool: Pool, clock: Clock) {
    this.#pool = pool;
    this.#clock = clock;
  }

  /** The table's description; rejects with `table_not_found`. */
  get(schema: string, table: string): Promise<TableSchema> {
    const name = JSON.stringify([schema, table]);
    const known = this.#known.get(name);
    if (known !== undefined) {
      const nowMs = this.#clock.now().getTime();
      if (nowMs - known.atMs > LOOK_AGAIN_AFTER_MS) {
        known.atMs = nowMs;
        // Nobody waits for it: who asks meanwhile goes on with what is known.
        void this.#lookAgain(name, known, schema, table);
      }
      return known.loading;
    }
    if (this.#known.size >= MAX_TABLES) this.#known.clear();
    const loading = loadTableSchema(this.#pool, schema, table);
    const made = { loading, atMs: this.#clock.now().getTime() };
    this.#known.set(name, made);
    // A failure is not remembered: the table may appear, the database may come back.
    loading.catch(() => this.#forget(name, made));
    return loading;
  }

  /** Makes the next `get` read the catalogue again. */
  forget(schema: string, table: string): void {
    this.#known.delete(JSON.stringify([schema, table]));
  }

  async #lookAgain(name: string, known: Known, schema: string, table: string): Promise<void> {
    try {
      const [before, now] = [await known.loading, await loadTableSchema(this.#pool, schema, table)];
      if (before.fingerprint !== now.fingerprint) this.#forget(name, known);
    } catch (error) {
      // Whoever asks next is told; while Postgres is away, what was known is as good as ever.
      if (isHaloError(error, 'table_not_found')) this.#forget(name, known);
    }
  }

  #forget(name: string, known: Known): void {
    if (this.#known.get(name) === known) this.#known.delete(name);
  }
}
