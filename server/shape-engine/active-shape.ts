import type { CatchUp } from './catch-up.ts';
import type { ResolvedShape } from './resolve-shape.ts';
import type { ShapeView } from './shape-view.ts';
import type { SnapshotSlot } from './snapshot-slot.ts';
import type { TableSchema } from './table-schema.ts';

/** A shape that is or was lately read on this instance. All of it is cache: another instance does without. */
export interface ActiveShape {
  readonly shape: ResolvedShape;
  readonly view: ShapeView;
  /** The log's epoch that the hash was computed with. */
  readonly epoch: string;
  /** The description that the shape was last checked against. */
  table: TableSchema;
  slot: SnapshotSlot | null;
  /** A handle given with a 409, under which the next snapshot will be made. */
  promised: string | null;
  /** Snapshots that were made of it, and the time that took, in milliseconds. */
  readonly made: { count: number; ms: number };
  lastUsedMs: number;
  /** True when the shape is another now, or was dropped: to be looked up again. */
  gone: boolean;
  /** Readings of the log that run now, by their offset: readers at one place share one. */
  readonly catchingUp: Map<string, Promise<CatchUp | 'ended'>>;
}
