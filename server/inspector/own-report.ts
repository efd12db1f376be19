import type { InstanceState } from '@halo/shapes/protocol/inspector.ts';

/** What one instance has of a shape of the catalogue; all of it is cache. */
export interface ShapeTotals {
  readonly name: string;
  readonly views: number;
  readonly waiting: number;
  readonly snapshots: number;
  readonly snapshotRows: number;
  readonly snapshotBytes: number;
  readonly tailBytes: number;
  readonly messages: number;
  readonly messageBytes: number;
  readonly snapshotsMade: number;
  readonly snapshotMs: number;
  /** How long ago one of its views had something new; null where that is longer ago than is remembered. */
  readonly changeAge: number | null;
}

/** One view of a shape. */
export interface ViewReport {
  readonly name: string;
  readonly handle: string;
  readonly params: readonly string[];
  readonly waiting: number;
  readonly snapshotRows: number | null;
  readonly snapshotBytes: number | null;
  readonly snapshotAge: number | null;
  readonly tailBytes: number;
  readonly changeAge: number | null;
  readonly usedAge: number;
}

/** What an instance says of itself; ages in milliseconds, when it says so. */
export interface OwnReport {
  readonly host: string;
  readonly version: string;
  /** Another server answers the shapes, and this one follows no log. */
  readonly upstream: boolean;
  readonly state: Exclude<InstanceState, 'gone'>;
  readonly lagBytes: number | null;
  readonly lagMs: number | null;
  readonly provedAge: number | null;
  readonly contactAge: number | null;
  /** LSNs as decimal numbers. */
  readonly position: string | null;
  readonly undispatched: number | null;
  readonly log: { readonly bytes: number; readonly start: string; readonly epoch: string } | null;
  readonly shapes: readonly ShapeTotals[];
  readonly views: readonly ViewReport[];
}
