/** What Halo needs of a Postgres on the device; PGlite and PGliteWorker both have it. */
export interface ReplicaDatabase {
  /** May be asked again when it is interrupted: what it changes must bear being changed twice. */
  query<Row>(sql: string, params?: unknown[]): Promise<{ rows: Row[] }>;
  exec(sql: string): Promise<unknown>;
  transaction<T>(work: (tx: ReplicaTransaction) => Promise<T>): Promise<T | undefined>;
  close(): Promise<void>;
}

export interface ReplicaTransaction {
  query<Row>(sql: string, params?: unknown[]): Promise<{ rows: Row[] }>;
  exec(sql: string): Promise<unknown>;
}
