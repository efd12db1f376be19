/**
 * What Halo needs of a Postgres on the device; PGlite and PGliteWorker both have it. One that has crashed rejects everything
 * with `replica_crashed`, and can only be closed.
 */
export interface ReplicaDatabase {
  /** May be asked again when it is interrupted: what it changes must bear being changed twice. */
  query<Row>(sql: string, params?: unknown[]): Promise<{ rows: Row[] }>;
  /** Runs one or more statements without parameters; may be asked again, as `query` may. */
  exec(sql: string): Promise<unknown>;
  /** Runs `work` in one transaction: committed when it resolves, rolled back when it rejects. Never asked again. */
  transaction<T>(work: (tx: ReplicaTransaction) => Promise<T>): Promise<T | undefined>;
  /** Writes what is not yet written, which need not be done where it is `disposed` of: it will be deleted. Closes. */
  close(disposed?: boolean): Promise<void>;
  /**
   * Hears that another process runs it now, before that one is asked anything: what the former had not yet written
   * is gone, rows with the positions that went with them. Absent where only one process ever runs it.
   */
  onReplaced?(listener: () => void): () => void;
  /**
   * Hears why what it shows is not kept at present (the browser gives no more room), each time that it was tried, and with
   * undefined when it is kept again. Absent where a statement fails then.
   */
  onTrouble?(listener: (trouble: ReplicaTrouble | undefined) => void): () => void;
}

/** Why what a replica shows is not kept: a stable code, and a text to show. */
export interface ReplicaTrouble {
  readonly code: string;
  readonly message: string;
}

/** What can be done within a transaction. */
export interface ReplicaTransaction {
  /** One statement, with the values of $1, $2, … */
  query<Row>(sql: string, params?: unknown[]): Promise<{ rows: Row[] }>;
  /** One or more statements without parameters. */
  exec(sql: string): Promise<unknown>;
  /**
   * Copies rows of Postgres's own texts into a table, each with the values of `columns` in their order. Absent where another
   * process runs the database: PGlite breaks for good when a COPY reaches one that was not given the text, as when the
   * leading tab goes.
   */
  copy?(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly (string | null)[])[],
  ): Promise<void>;
}
