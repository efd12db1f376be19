import type { Gazetteer } from '../../areas/area.ts';
import type { Pool } from '../../db/pool.ts';
import type { Clock } from '../../platform/clock.ts';
import { readValidators } from '../feed-polls.ts';
import type { FeedWindow } from '../feed.ts';
import { fetchFeed } from '../fetch-feed.ts';
import type { FeedAnswer } from '../fetch-feed.ts';
import type { FeedIdentity, FeedSource } from '../source.ts';
import type { UnreadableReason } from './parse-window.ts';
import { readWindow } from './read-window.ts';

/** The police feed: announcements, of which some repeat an event under a new id. */
export const POLISEN: FeedIdentity = { feed: 'polisen', isRegister: false };

const TIMEOUT_MS = 30_000;
/** A window has some 210 kB. */
const MAX_BYTES = 8 * 1024 * 1024;

/** What the source needs from outside. */
export interface PolisenSourceParts {
  readonly url: string;
  readonly pool: Pool;
  readonly gazetteer: Gazetteer;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  /** Halo's version, told to the source. */
  readonly version: string;
}

/** What an answer comes to; `unmodified` where it is the one that was read before. */
export type PolisenAnswer =
  FeedWindow | { readonly unreadable: UnreadableReason } | { readonly unmodified: true };

/** polisen.se as a source: one answer at a time, asked for conditionally. */
export function polisenSource(parts: PolisenSourceParts): FeedSource<FeedAnswer, PolisenAnswer> {
  const { url, pool, gazetteer, clock } = parts;
  const fetchParts = {
    fetch: parts.fetch,
    userAgent: `Halo/${parts.version} (incident map; conditional requests, one at a time)`,
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_BYTES,
  };
  return {
    identity: POLISEN,
    async *fetch(signal) {
      const known = await readValidators(pool, POLISEN.feed, clock.now());
      yield await fetchFeed(url, known, fetchParts, signal);
    },
    items: (answer) =>
      answer.kind === 'not_modified' ? { unmodified: true } : readWindow(answer.bytes, gazetteer),
  };
}
