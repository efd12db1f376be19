import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';
import type { ReportPlace } from '../reports/report.ts';

/** What an item of a feed is: an event, a summary of many, or something that is no event at all. */
export type FeedItemKind = 'incident' | 'summary' | 'notice';

/** How a poll ended; the Postgres enumeration `feed_poll_outcome`. */
export type FeedPollOutcome = 'applied' | 'unchanged' | 'anomalous' | 'failed';

/** One item of an official feed, understood. */
export interface FeedItem {
  /** The source's own key: the only thing about an item that never changes. */
  readonly sourceId: string;
  readonly kind: FeedItemKind;
  /** The source's type, blanks around it removed. */
  readonly rawType: string;
  readonly type: IncidentType;
  /** False when the taxonomy lacks the source's type, and `type` is a guess: mostly `other`. */
  readonly typeIsKnown: boolean;
  readonly severity: number;
  readonly description: string;
  /** The item as the source sent it. */
  readonly payload: FeedPayload;
  readonly publishedAt: Date;
  /** When it happened; null where the source does not say. */
  readonly occurredAt: Date | null;
  readonly place: ReportPlace;
  /** When it was entered by the source's own word, where it is read long afterwards; null: known once it is seen. */
  readonly knownAt: Date | null;
}

/** A JSON object as a source sent it. */
export type FeedPayload = Readonly<Record<string, unknown>>;

/** An answer of a source that could be read: its items in the source's order, and what could not be used. */
export interface FeedWindow {
  readonly items: readonly FeedItem[];
  /** Every key that the answer contains, those of unusable items too, in the source's order. */
  readonly presentIds: readonly string[];
  /** Items that could not be used. */
  readonly setAside: number;
  /** True when an unusable item hides even its key, so that no absence is proved by this answer. */
  readonly hidesIds: boolean;
}

/** The last window that was applied: what the next one is judged against. */
export interface KnownWindow {
  /** Keys in the source's order. */
  readonly sourceIds: readonly string[];
  readonly typeCount: number;
  readonly seenAt: Date;
}
