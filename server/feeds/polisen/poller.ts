import { isHaloError } from '../../platform/errors.ts';
import type { HaloError } from '../../platform/errors.ts';
import type { Logger } from '../../platform/logger.ts';
import type { ReportWriter } from '../../reports/report.ts';
import { insertPoll, NO_ITEMS } from '../feed-polls.ts';
import type { FeedPoll, WindowCounts } from '../feed-polls.ts';
import type { FeedPollOutcome } from '../feed.ts';
import type { UnknownTypes } from '../unknown-types.ts';
import type { FeedAnswer } from '../fetch-feed.ts';
import { POLISEN, polisenSource } from './polisen-source.ts';
import type { PolisenSourceParts } from './polisen-source.ts';
import { takeWindow } from './take-window.ts';
import type { TakenWindow } from './take-window.ts';

/** What the poller needs from outside. */
export interface PollerParts extends PolisenSourceParts {
  readonly reports: ReportWriter;
  /** Told of types that the taxonomy lacks. */
  readonly unknownTypes: UnknownTypes;
  readonly newId: () => string;
  readonly logger: Logger;
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
  const { pool, clock, newId } = parts;
  const source = polisenSource(parts);
  const log = parts.logger.child({ component: 'feed-polisen' });

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
      const start = { id: newId(), feed: POLISEN.feed, startedAt: clock.now() };
      const answer = await theOne(source.fetch(signal)).catch((error: unknown) => {
        if (isHaloError(error)) return error;
        throw error;
      });
      if (isHaloError(answer)) return record(start, answer, nothing('failed', answer.code));
      const window = source.items(answer);
      if ('unmodified' in window) return record(start, answer, nothing('unchanged', null));
      if ('unreadable' in window) return record(start, answer, nothing('anomalous', window.unreadable));
      const taken = await takeWindow(parts, start, window, traceOf(answer));
      if (taken.outcome === 'anomalous') return record(start, answer, taken);
      for (const rawType of taken.unknownTypes) parts.unknownTypes.add(rawType);
      tell(log, taken, window.setAside);
      return taken;
    },
  };
}

async function theOne<Item>(items: AsyncIterable<Item>): Promise<Item> {
  for await (const item of items) return item;
  throw new Error('the feed gave neither an answer nor an error');
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
