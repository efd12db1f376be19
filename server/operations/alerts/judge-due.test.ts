import { describe, expect, it } from 'vitest';
import { dueAfter } from '../../jobs/due-after.ts';
import { ALERT_LIMITS } from './facts.ts';
import { judgeFeed, judgeJob } from './judge-due.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const MINUTE = 60_000;
const DAY = 24 * 60;
const ago = (minutes: number) => new Date(NOW - minutes * MINUTE);

function feedVerdict(
  goodAgo: number | null,
  {
    startedAgo = 600,
    failedSince = 0,
    schedule = '*/5 * * * *',
  }: { startedAgo?: number; failedSince?: number; schedule?: string },
) {
  const facts = {
    feed: 'polisen',
    lastGoodAt: goodAgo === null ? null : ago(goodAgo),
    failedSince,
    lastReason: 'feed_unreachable',
    polls: {},
    items: { new: 0, changed: 0, withdrawn: 0 },
  };
  const expected = {
    feed: 'polisen',
    dueAfterMs: dueAfter(schedule),
    sinceMs: NOW - startedAgo * MINUTE,
  };
  return judgeFeed(expected, facts, ALERT_LIMITS, NOW).verdict;
}

describe('a feed', () => {
  it.each<[string, number | null, number, string]>([
    ['that has just given something', 1, 600, 'good'],
    ['that has been silent for less than six polls', 29, 600, 'good'],
    ['that has been silent for longer', 31, 600, 'bad'],
    ['that never gave anything', null, 31, 'bad'],
    ['that never gave anything, and was hardly asked', null, 29, 'unsure'],
    ['that gave something shortly before a restart', 20, 1, 'good'],
    ['that was silent before a restart, or that nobody asked meanwhile', 600, 1, 'unsure'],
    ['that stays silent after a restart', 600, 31, 'bad'],
  ])('%s', (_, goodAgo, startedAgo, verdict) => {
    expect(feedVerdict(goodAgo, { startedAgo })).toBe(verdict);
  });

  it.each<[number, string]>([
    [5, 'unsure'],
    [6, 'bad'],
  ])('that was asked %d times in vain, by servers none of which ran for long', (failedSince, verdict) => {
    expect(feedVerdict(120, { startedAgo: 1, failedSince })).toBe(verdict);
    // Asked that often within minutes it is not silent yet.
    expect(feedVerdict(10, { startedAgo: 1, failedSince })).toBe('good');
  });

  it.each<[string, string, string]>([
    ['in its rest', '*/5 14-22 * * *', 'good'],
    ['after five ticks since its rest', '40,45,50,55,58 11 * * *', 'good'],
    ['after six', '35,40,45,50,55,58 11 * * *', 'bad'],
  ])('whose schedule rests is judged by its ticks: %s', (_, schedule, verdict) => {
    // It last gave something before its rest, 13 hours ago.
    const goodAgo = 13 * 60;
    expect(feedVerdict(goodAgo, { startedAgo: 10 * DAY, schedule })).toBe(verdict);
    // When the server was started makes no difference: also before a rest, where two ticks lie far apart.
    expect(feedVerdict(goodAgo, { startedAgo: goodAgo + 1, schedule })).toBe(verdict);
  });
});

describe('an hourly job', () => {
  it.each<[string, { beganAgo: number; busyAgo?: number } | undefined, number, string]>([
    ['that began at its last tick', { beganAgo: 59 }, 600, 'good'],
    ['whose tick has just been left out', { beganAgo: 61 }, 600, 'good'],
    ['whose tick was left out', { beganAgo: 76 }, 600, 'bad'],
    ['that somebody had run meanwhile by hand', { beganAgo: 130, busyAgo: 10 }, 600, 'good'],
    ['that never began', undefined, 76, 'bad'],
    ['that never began, and is not due yet', undefined, 30, 'unsure'],
    ['that began before a restart', { beganAgo: 40 }, 30, 'good'],
    ['that was overdue before a restart, or missed while nobody ran', { beganAgo: 6_000 }, 30, 'unsure'],
    ['that stays overdue after a restart', { beganAgo: 6_000 }, 76, 'bad'],
  ])('%s', (_, ran, startedAgo, verdict) => {
    const sinceMs = NOW - startedAgo * MINUTE;
    const expected = { job: 'score', sinceMs, dueAfterMs: (ms: number) => ms + 60 * MINUTE };
    const facts = ran && {
      job: 'score',
      hasEnded: true,
      beganAt: ago(ran.beganAgo),
      busyUntil: ago(ran.busyAgo ?? ran.beganAgo),
    };
    expect(judgeJob(expected, facts, ALERT_LIMITS, NOW).verdict).toBe(verdict);
  });

  it('that has no tick any more is never overdue', () => {
    const never = { job: 'score', sinceMs: 0, dueAfterMs: () => Infinity };
    expect(judgeJob(never, undefined, ALERT_LIMITS, NOW).verdict).toBe('good');
    const began = { job: 'score', hasEnded: true, beganAt: ago(600), busyUntil: ago(600) };
    expect(judgeJob(never, began, ALERT_LIMITS, NOW).verdict).toBe('good');
  });
});
