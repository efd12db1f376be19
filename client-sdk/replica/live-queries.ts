import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
import type { QueryRow, Unsubscribe } from '../api.ts';

interface LiveQuery {
  readonly sql: string;
  readonly run: () => Promise<QueryRow[]>;
  readonly listener: (rows: QueryRow[]) => void;
  /** Views that the query reads; undefined when that is not known: then every change counts. */
  tables: ReadonlySet<string> | undefined;
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
  readonly #query: (sql: string) => Promise<QueryRow[]>;
  readonly #onError: (error: unknown) => void;

  /** `query` asks the replica; `onError` hears of a query that fails: it stays subscribed. */
  constructor(query: (sql: string) => Promise<QueryRow[]>, onError: (error: unknown) => void) {
    this.#query = query;
    this.#onError = onError;
  }

  /** Runs `run` now and after each change of what `sql` names. */
  add(sql: string, run: () => Promise<QueryRow[]>, listener: (rows: QueryRow[]) => void): Unsubscribe {
    const flags = { running: false, stale: false, ended: false };
    const query: LiveQuery = { sql, run, listener, tables: undefined, ...flags };
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
        // Before each run: an app may have put another view in the place of one.
        query.tables = await this.#tablesOf(query.sql);
        const rows = await query.run();
        if (!query.ended) query.listener(rows);
      } catch (error) {
        if (!query.ended) this.#onError(error);
      }
    }
    // In the same breath as the check above: a change that comes a moment later must start it again.
    query.running = false;
  }

  /** Words are looked for, and nothing is parsed: what is found too much costs a run, and nothing is missed. */
  async #tablesOf(sql: string): Promise<ReadonlySet<string> | undefined> {
    const text = sql.toLowerCase();
    // What a view or a function of the app's reads is not seen in the query.
    const made = (await this.#query(MADE_BY_APP)).map(({ name }) => String(name).toLowerCase());
    // A name written with escapes is none that could be found.
    if (text.includes('u&"') || made.some((name) => text.includes(name))) return undefined;
    const words = new Set(text.match(/[a-z_][a-z0-9_]*/g) ?? []);
    const named = [...CATALOG.keys()].filter((name) => words.has(name));
    return named.length === 0 ? undefined : new Set(named);
  }
}

/** Names of relations and functions that are neither Postgres's nor the replica's own. */
const MADE_BY_APP = `
  SELECT relname AS name FROM pg_class
  WHERE oid >= 16384 AND relkind IN ('r', 'v', 'm', 'f', 'p')
    AND relnamespace::regnamespace::text NOT IN ('synced', 'local', 'pg_toast')
    AND NOT (relnamespace = 'public'::regnamespace AND relkind = 'v'
             AND relname IN (${[...CATALOG.keys()].map((name) => `'${name}'`).join(', ')}))
  UNION ALL SELECT proname FROM pg_proc WHERE oid >= 16384`;
