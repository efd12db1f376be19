import { knowledgeAt } from '../features/knowledge.ts';
import type { Knowledge } from '../features/knowledge.ts';
import { firstFrom } from '../features/timeline.ts';
import type { Timeline } from '../features/timeline.ts';
import { WINDOWS_AHEAD } from '../forecast.ts';
import { WINDOW_MS, windowAt } from '../windows.ts';
import { COUNT_CHOICES, MIN_HELD_DAYS, baselineView } from './baselines.ts';
import type { BaselineSettings } from './baselines.ts';
import { weekCounts, weekDeviance } from './choose-baselines.ts';
import { createSpread } from './spread.ts';
import { flatForecast, livePlaces, seenIn } from './week.ts';

const DAY_MS = 86_400_000;
/** It is looked at in so many last weeks at most, as baselines are in a test: predictions are made each hour. */
const MAX_WEEKS = 13;
/** Fewer weeks than these tell nothing. */
const MIN_WEEKS = 4;
/** A week is looked at where so large a share of what happened before it was known then. */
const MIN_KNOWN_SHARE = 0.5;
/** Where too few weeks tell, true rates are taken to lie as far off as what is expected is. */
export const UNTOLD: BaselineRecord = { settings: { evenShare: 0.05 }, spread: 1, weeks: 0 };

/** How the count of the last 365 days did in the last weeks. */
export interface BaselineRecord {
  /** Those with which it did best. */
  readonly settings: BaselineSettings;
  /** The variance of true over expected rates with these; `Spread` tells more. */
  readonly spread: number;
  /** How many weeks tell it. */
  readonly weeks: number;
}

/** A week that the record tells of: what was known before it, and what each choice expected of its places. */
interface PastWeek {
  readonly first: number;
  readonly cutOffMs: number;
  readonly profile: Float64Array;
  readonly ofWeeks: readonly Float64Array[];
}

/**
 * How the count of the last 365 days did in the last weeks of what is known: each was forecast from what was known before it, once with each
 * setting that may be chosen. That is how it is set where a model is tested against it, so it is served as it is tested.
 */
export function ownRecord(timeline: Timeline, now: Knowledge): BaselineRecord {
  const weeks = pastWeeks(timeline, now);
  if (weeks.length < MIN_WEEKS) return UNTOLD;
  const best = leastDeviance(timeline, weeks, now.cutOffMs);
  const spread = createSpread(timeline.places.length);
  for (const { first, cutOffMs, profile, ofWeeks } of weeks) {
    const live = livePlaces(timeline, cutOffMs);
    const { counts } = seenIn(timeline, live, first, now.cutOffMs);
    spread.add(live, first, flatForecast(ofWeeks[best]!, live, profile, first).expected, counts);
  }
  return { settings: COUNT_CHOICES[best]!, spread: spread.variance(), weeks: weeks.length };
}

function pastWeeks(timeline: Timeline, now: Knowledge): readonly PastWeek[] {
  const end = windowAt(now.frontierMs);
  const weeks: PastWeek[] = [];
  for (let back = 1; back <= MAX_WEEKS; back++) {
    const first = end - back * WINDOWS_AHEAD;
    if (first * WINDOW_MS - now.startMs < MIN_HELD_DAYS * DAY_MS) break;
    const cutOffMs = timeline.windows.startOf(first).getTime();
    const knowledge = knowledgeAt(timeline, cutOffMs);
    if (knowledge === undefined || !knewEnough(timeline, knowledge, first)) continue;
    // Without the list of what was known, which may be long.
    const ofWeeks = COUNT_CHOICES.map((settings) => baselineView(timeline, knowledge, settings).ofWeek);
    weeks.push({ first, cutOffMs, profile: knowledge.profile, ofWeeks });
  }
  return weeks;
}

/** A register that was read in since says nothing of how well was forecast before: what came then could not have been expected. */
function knewEnough(timeline: Timeline, { known }: Knowledge, firstWindow: number): boolean {
  return known.length >= MIN_KNOWN_SHARE * firstFrom(timeline, firstWindow * WINDOW_MS);
}

/** Which of the choices did best. */
function leastDeviance(timeline: Timeline, weeks: readonly PastWeek[], knownByMs: number): number {
  const deviances = COUNT_CHOICES.map(() => 0);
  for (const { first, cutOffMs, ofWeeks } of weeks) {
    const counts = weekCounts(timeline, first, knownByMs);
    ofWeeks.forEach((ofWeek, n) => (deviances[n]! += weekDeviance(timeline, cutOffMs, ofWeek, counts)));
  }
  return deviances.indexOf(Math.min(...deviances));
}
