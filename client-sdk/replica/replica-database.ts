/** What Halo needs of a Postgres on the device; PGlite and PGliteWorker both have it. */
export interface ReplicaDatabase {
  /** May be asked again when it is interrupted: what it changes must bear being changed twice. */
  query<Row>(sql: string, params?: unknown[]): Promise<{ rows: Row[] }>;
  exec(sql: string): Promise<unknown>;
  transaction<T>(work: (tx: ReplicaTransaction) => Promise<T>): Promise<T | undefined>;
  close(): Promise<void>;
  /**
   * Hears that another process runs it now, before that one is asked anything: what the former had not yet written
   * is gone, rows with the positions that went with them. Absent where only one process ever runs it.
   */
  onReplaced?(listener: () => void): () => void;
}

export interface ReplicaTransaction {
  query<Row>(sql: string, params?: unknown[]): Promise<{ rows: Row[] }>;
  exec(sql: string): Promise<unknown>;
}
