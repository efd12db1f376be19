/** A queued mutation, as the replica remembers it until the stream has brought what it did. */
export interface PendingMutation {
  readonly id: string;
  readonly seq: number;
  readonly type: string;
  /** As the schema of the type made them. */
  readonly args: unknown;
  /** ISO 8601, the device's clock. */
  readonly createdAt: string;
}

/**
 * What the pending mutations about one row come to. It names no value of the synced row, so that it is as good over
 * the newest one as over the one that their author saw:
 *
 * - `make`: the row is there, also where no synced one is; `values` are laid over a synced one;
 * - `change`: `values` are laid over the synced row; where there is none, there is nothing to show;
 * - `hide`: the row is out of sight.
 */
export interface RowPatch {
  readonly kind: 'make' | 'change' | 'hide';
  /** By column; a column that is missing keeps what it has. */
  readonly values: Readonly<Record<string, string | number | null | undefined>>;
}

/** How pending mutations show in one view of the replica. All of it is pure. */
export interface OptimisticView {
  /** The shape whose rows it alters. */
  readonly shape: string;
  /** Columns that pending mutations may set, among the shape's. */
  readonly columns: readonly string[];
  /** Columns of the patch's own, which the view does not show: name and type. */
  readonly notes?: Readonly<Record<string, string>>;
  /** SQL for columns of a row that is not synced yet, over its patch `p`; others that no patch sets are NULL. */
  readonly known?: Readonly<Record<string, string>>;
  /** The id of the row that a mutation is about; undefined when it is about no row of this view. */
  subjectOf(mutation: PendingMutation): string | undefined;
  /** What mutations about one row, in the order of their `seq`, come to. */
  fold(mutations: readonly PendingMutation[]): RowPatch;
}
