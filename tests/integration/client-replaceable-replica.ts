import { PGlite } from '@electric-sql/pglite';
import type { ReplicaDatabase } from '../../client-sdk/replica/replica-database.ts';

/** A replica that can be put back to what it was, as one is whose tab dies before it has written. */
export class ReplaceableReplica {
  readonly #listeners = new Set<() => void>();
  #current: ReplicaDatabase | undefined;
  #kept: ReplicaDatabase | undefined;

  open(database: ReplicaDatabase): ReplicaDatabase {
    this.#current = database;
    return {
      query: (sql, params) => this.#current!.query(sql, params),
      exec: (sql) => this.#current!.exec(sql),
      transaction: (work) => this.#current!.transaction(work),
      onReplaced: (listener) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
      close: async () => {
        await this.#current!.close();
        if (this.#kept !== this.#current) await this.#kept?.close();
      },
    };
  }

  async keep(dir: string): Promise<void> {
    const dump = await (this.#current as PGlite).dumpDataDir('none');
    this.#kept = await PGlite.create({ dataDir: dir, loadDataDir: dump });
  }

  /** As where nothing at all has been written, not even the tables. */
  keepNothing(empty: ReplicaDatabase): void {
    this.#kept = empty;
  }

  async fallBack(): Promise<void> {
    const former = this.#current;
    this.#current = this.#kept;
    for (const listener of [...this.#listeners]) listener();
    await former?.close();
  }
}
