import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
import type { QueryRow, Unsubscribe } from '../api.ts';

interface LiveQuery {
  readonly run: () => Promise<QueryRow[]>;
  readonly listener: (rows: QueryRow[]) => void;
  /** Views that the query names; undefined when none is recognised: then every change counts. */
  readonly tables: ReadonlySet<string> | undefined;
  running: boolean;
  /** A change came while it ran. */
  stale: boolean;
  ended: boolean;
}

/**
 * Queries that run again after commits that touched their tables. Changes that come while one runs are taken
 * together in one further run, so that a slow query falls behind in freshness and never in number.
 */
export class LiveQueries {
  readonly #queries = new Set<LiveQuery>();
  readonly #running = new Set<Promise<void>>();
  readonly #onError: (error: unknown) => void;

  /** `onError` hears of a query that fails; it stays subscribed. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Runs `run` now and after each change of what `sql` names. */
  add(sql: string, run: () => Promise<QueryRow[]>, listener: (rows: QueryRow[]) => void): Unsubscribe {
    const tables = tablesOf(sql);
    const query: LiveQuery = { run, listener, tables, running: false, stale: false, ended: false };
    this.#queries.add(query);
    this.#start(query);
    return () => {
      query.ended = true;
      this.#queries.delete(query);
    };
  }

  /** These views may have other rows now. */
  changed(tables: readonly string[]): void {
    for (const query of this.#queries) {
      if (query.tables === undefined || tables.some((table) => query.tables?.has(table))) this.#start(query);
    }
  }

  /** Ends all subscriptions and waits for what still runs. */
  async close(): Promise<void> {
    for (const query of this.#queries) query.ended = true;
    this.#queries.clear();
    await Promise.all(this.#running);
  }

  #start(query: LiveQuery): void {
    query.stale = true;
    if (query.running) return;
    query.running = true;
    const running = this.#runWhileStale(query);
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
  }

  async #runWhileStale(query: LiveQuery): Promise<void> {
    while (query.stale && !query.ended) {
      query.stale = false;
      try {
        const rows = await query.run();
        if (!query.ended) query.listener(rows);
      } catch (error) {
        if (!query.ended) this.#onError(error);
      }
    }
    // In the same breath as the check above: a change that comes a moment later must start it again.
    query.running = false;
  }
}

/** The views that a query names; undefined when it names none that is known. */
function tablesOf(sql: string): ReadonlySet<string> | undefined {
  const words = new Set(sql.toLowerCase().match(/[a-z_][a-z0-9_]*/g) ?? []);
  const named = [...CATALOG.keys()].filter((name) => words.has(name));
  return named.length === 0 ? undefined : new Set(named);
}
