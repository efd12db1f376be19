/** What one open client tells the others that share its store. */
export type TabMessage =
  | { readonly kind: 'outbox_changed' }
  | { readonly kind: 'replica_changed'; readonly tables: readonly string[] }
  | { readonly kind: 'status'; readonly status: unknown }
  | { readonly kind: 'status_wanted' }
  | { readonly kind: 'logged_out' };

/**
 * How the open clients of one store agree on who syncs. A browser has one per tab; in Node the store's lock
 * lets in only one process, which therefore always leads.
 */
export interface Tabs {
  /**
   * Waits to become the leader, then runs `lead`, whose signal aborts when leadership ends. Resolves when
   * `stop` has aborted and `lead` has returned; rejects when `lead` does.
   */
  lead(stop: AbortSignal, lead: (signal: AbortSignal) => Promise<void>): Promise<void>;
  /** Tells the other clients, never this one; once closed, nobody. */
  tell(message: TabMessage): void;
  /** Listens to the others; returns what ends it. */
  onTold(listener: (message: TabMessage) => void): () => void;
}
