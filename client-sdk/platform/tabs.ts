/** A shape that a tab wants, by its name in the catalogue. */
export interface WantedShape {
  readonly name: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly lookEveryMs?: number;
}

/** What one open client tells the others that share its store. */
export type TabMessage =
  | { readonly kind: 'outbox_changed' }
  | { readonly kind: 'replica_changed'; readonly tables: readonly string[] }
  | { readonly kind: 'status'; readonly status: unknown }
  | { readonly kind: 'status_wanted' }
  /** The tab of this name wants these shapes streamed; said now and then, so that one that died is forgotten. */
  | { readonly kind: 'shapes'; readonly tab: string; readonly shapes: readonly WantedShape[] }
  /** Asks the others for the shapes that they want. */
  | { readonly kind: 'shapes_wanted' }
  /** The network has come back, or this tab is looked at again: the leading one is to look at once. */
  | { readonly kind: 'resumed' }
  /** Asks the tab that leads to compare the rows with the server's. */
  | { readonly kind: 'verification_wanted'; readonly ask: string }
  /** What it found, to the one who asked. */
  | { readonly kind: 'verified'; readonly ask: string; readonly verifications: readonly unknown[] }
  /** The tab that leads has no replica: one that has is to say so. */
  | { readonly kind: 'replica_wanted' }
  /** This tab has one, and waits for its turn. */
  | { readonly kind: 'replica_here' }
  /** The queue needs the replica's room: all are to let go of it, and to do without. */
  | { readonly kind: 'room_wanted' }
  | { readonly kind: 'logged_out' };

/**
 * How the open clients of one store agree on who syncs. A browser has one per tab; in Node the store's lock
 * lets in only one process, which therefore always leads.
 */
export interface Tabs {
  /** Whether there can be others. */
  readonly many: boolean;
  /**
   * Waits to become the leader, then runs `lead`, whose signal aborts when leadership ends. Resolves when
   * `stop` has aborted and `lead` has returned, or `lead` has returned by itself, which leaves the lead to the next that
   * waits; rejects when `lead` does.
   */
  lead(stop: AbortSignal, lead: (signal: AbortSignal) => Promise<void>): Promise<void>;
  /** Runs `work` when no other client runs anything of this `name`; what waits has its turn one after the other. */
  exclusively<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Tells the other clients, never this one; once closed, nobody. */
  tell(message: TabMessage): void;
  /** Listens to the others; returns what ends it. */
  onTold(listener: (message: TabMessage) => void): () => void;
}
