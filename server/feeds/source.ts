/** What a source is to the tables. */
export interface FeedIdentity {
  /** Its name, in `feed_items` and wherever operators see it; at most 40 characters. */
  readonly feed: string;
  /**
   * True when each item is an event with a number of its own, as in a register of cases: then two of its items never
   * link. A feed of announcements may tell of one event twice.
   */
  readonly isRegister: boolean;
}

/**
 * The one contract of sources: fetch → items → reports. `fetch` brings what the source has as it has it, in pieces that
 * fit in memory; `items` understands a piece, and is pure; `applyItems` makes versions and reports of it, the same way for
 * every source. Between the last two a source decides which items are news: a window proves what is withdrawn, a file does not.
 */
export interface FeedSource<Fetched, Understood> {
  readonly identity: FeedIdentity;
  /** Fails with a `HaloError` where the source gives nothing, and with the signal's reason when that aborts. */
  fetch(signal: AbortSignal): AsyncIterable<Fetched>;
  items(fetched: Fetched): Understood;
}
