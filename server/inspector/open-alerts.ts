/** An alert that is open, as far as the overview tells of it. */
export interface OpenAlert {
  readonly id: string;
  readonly name: string;
  readonly severity: 'critical' | 'warning';
  readonly subject: string;
  readonly what: string;
  /** For how long it has been due to be told and was not, in milliseconds; null where it was told, is not due, or nobody is to be told. */
  readonly untoldMs: number | null;
}

/** Reads the alerts that are open, the newest first; who judges them is no matter of the inspector's. */
export type ReadOpenAlerts = () => Promise<readonly OpenAlert[]>;
