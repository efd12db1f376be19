import type { Gazetteer } from '../../areas/area.ts';
import type { Pool } from '../../db/pool.ts';
import type { Clock } from '../../platform/clock.ts';
import { isHaloError } from '../../platform/errors.ts';
import type { HaloError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';
import type { ReportWriter } from '../../reports/report.ts';
import { insertPoll, NO_ITEMS, readValidators } from '../feed-polls.ts';
import type { FeedPoll, WindowCounts } from '../feed-polls.ts';
import type { FeedPollOutcome } from '../feed.ts';
import type { UnknownTypes } from '../unknown-types.ts';
import { fetchFeed } from '../fetch-feed.ts';
import type { FeedAnswer } from '../fetch-feed.ts';
import { readWindow } from './read-window.ts';
import { takeWindow } from './take-window.ts';
import type { TakenWindow } from './take-window.ts';

/** Name of this feed in the tables. */
export const POLISEN_FEED = 'polisen';

const TIMEOUT_MS = 30_000;
/** A window has some 210 kB. */
const MAX_BYTES = 8 * 1024 * 1024;

/** What the poller needs from outside. */
export interface PollerParts {
  readonly url: string;
  readonly pool: Pool;
  readonly gazetteer: Gazetteer;
  readonly reports: ReportWriter;
  /** Told of types that the taxonomy lacks. */
  readonly unknownTypes: UnknownTypes;
  readonly newId: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fetch: typeof fetch;
  /** Halo's version, told to the source. */
  readonly version: string;
}

/** How a poll ended. */
export interface PollResult {
  readonly outcome: FeedPollOutcome;
  readonly reason: string | null;
  readonly counts: WindowCounts;
}

/** Asks polisen.se for its window and applies what is new in it. */
export interface Poller {
  /**
   * One poll. Its record is written whatever came of it; rejects only when the database fails or `signal`
   * aborts.
   */
  poll(signal: AbortSignal): Promise<PollResult>;
}

type Start = Pick<FeedPoll, 'id' | 'feed' | 'startedAt'>;

/** Makes the poller. At most one poll runs at a time: the caller holds a lease (see `polisen-job.ts`). */
export function createPoller(parts: PollerParts): Poller {
  const { pool, clock, newId, url } = parts;
  const log = parts.logger.child({ component: 'feed-polisen' });
  const fetchParts = {
    fetch: parts.fetch,
    userAgent: `Halo/${parts.version} (incident map; conditional requests, one at a time)`,
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_BYTES,
  };

  const record = async (start: Start, answer: FeedAnswer | HaloError, result: PollResult) => {
    const finishedAt = laterOf(start.startedAt, clock.now());
    await insertPoll(pool, { ...start, ...traceOf(answer), ...result, finishedAt });
    const { outcome, reason } = result;
    // A source that cannot be reached is told by the job; an answer that makes no sense is worth a look.
    if (outcome === 'anomalous') log.warn({ reason }, 'the feed gave nothing that could be used');
    return result;
  };

  return {
    async poll(signal) {
      const start = { id: newId(), feed: POLISEN_FEED, startedAt: clock.now() };
      const known = await readValidators(pool, POLISEN_FEED, start.startedAt);
      const answer = await fetchFeed(url, known, fetchParts, signal).catch((error: unknown) => {
        if (isHaloError(error)) return error;
        throw error;
      });
      if (isHaloError(answer)) return record(start, answer, nothing('failed', answer.code));
      if (answer.kind === 'not_modified') return record(start, answer, nothing('unchanged', null));
      const window = readWindow(answer.bytes, parts.gazetteer);
      if ('unreadable' in window) return record(start, answer, nothing('anomalous', window.unreadable));
      const taken = await takeWindow(parts, start, window, traceOf(answer));
      if (taken.outcome === 'anomalous') return record(start, answer, taken);
      for (const rawType of taken.unknownTypes) parts.unknownTypes.add(rawType);
      tell(log, taken, window.setAside);
      return taken;
    },
  };
}

function nothing(outcome: FeedPollOutcome, reason: string | null): PollResult {
  return { outcome, reason, counts: NO_ITEMS };
}

function traceOf(answer: FeedAnswer | HaloError): Pick<FeedPoll, 'httpStatus' | 'validators'> {
  if (isHaloError(answer)) {
    const { httpStatus } = answer.details;
    return {
      httpStatus: typeof httpStatus === 'number' ? httpStatus : null,
      validators: { etag: null, lastModified: null },
    };
  }
  const httpStatus = answer.kind === 'not_modified' ? 304 : answer.httpStatus;
  return { httpStatus, validators: answer.validators };
}

function laterOf(a: Date, b: Date): Date {
  return a > b ? a : b;
}

function tell(log: Logger, { counts, unknownTypes }: TakenWindow, setAside: number): void {
  const isNews = counts.added + counts.changed + counts.withdrawn > 0;
  log[isNews ? 'info' : 'debug'](counts, 'window applied');
  if (setAside > 0 || unknownTypes.length > 0)
    log.warn({ setAside, unknownTypes }, 'the feed has items or types that are not understood');
}
