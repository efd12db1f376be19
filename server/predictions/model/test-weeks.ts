import { knowledgeAt } from '../features/knowledge.ts';
import type { Timeline } from '../features/timeline.ts';
import { WINDOWS_AHEAD } from '../forecast.ts';
import type { TooLittle } from '../forecast.ts';
import { windowAt } from '../windows.ts';
import { MIN_INCIDENTS, MIN_WEEKS, WARM_UP_DAYS, materialAt } from './fit-model.ts';

const WEEK_MS = 7 * 86_400_000;
/**
 * A model is tested on so many weeks before the cut-off, where as much is known before them as makes a good twin; else on so many, where enough is
 * known before them; and on no fewer than so many.
 */
const MOST_TEST_WEEKS = 52;
const TEST_WEEKS = 26;
const MIN_TEST_WEEKS = 8;
/** A twin that learns from so many weeks is not much worse than what it stands for. */
const GOOD_WEEKS = 52;
const WARM_UP_WEEKS = WARM_UP_DAYS / 7;

/** A champion, as far as it matters to the choice of weeks. */
export interface TestedChampion {
  readonly cutOffMs: number;
  /** Whether it was learnt in the same way as what is tested. */
  readonly isSameProcedure: boolean;
}

/** The weeks of a test, each after the other. */
export interface TestWeeks {
  /** The first window of the first week. */
  readonly first: number;
  readonly count: number;
  /** The first window of the first week that the champion is tested on, of which it knew nothing; undefined where those are too few. */
  readonly championFrom: number | undefined;
}

/**
 * The weeks before the frontier of what is known at a cut-off (milliseconds of UTC): as many as leave enough before them for a twin to
 * learn from, for up to a year. A champion that was learnt in another way is only to be compared with what knew no more than it did: then the weeks begin
 * after its cut-off, once there are enough of them.
 */
export function weeksOfTest(
  timeline: Timeline,
  cutOffMs: number,
  champion: TestedChampion | undefined,
): TestWeeks | TooLittle {
  const knowledge = knowledgeAt(timeline, cutOffMs);
  if (knowledge === undefined) return { tooLittle: 'Nothing is known to have happened.' };
  const end = windowAt(knowledge.frontierMs);
  const known = Math.floor((knowledge.frontierMs - knowledge.startMs) / WEEK_MS);
  const weeks = weeksThatLeaveEnough(timeline, end, known);
  if (typeof weeks !== 'number') {
    return { tooLittle: inWords(known, weeks.incidents) };
  }
  const fresh = champion === undefined ? 0 : weeksSince(timeline, champion.cutOffMs, end);
  const ofChampion = fresh < MIN_TEST_WEEKS ? 0 : Math.min(fresh, weeks);
  const count = ofChampion > 0 && champion?.isSameProcedure === false ? ofChampion : weeks;
  return {
    first: end - count * WINDOWS_AHEAD,
    count,
    championFrom: ofChampion > 0 ? end - ofChampion * WINDOWS_AHEAD : undefined,
  };
}

/** How many weeks a test may have; where not even the fewest leave enough, what there is before those. */
function weeksThatLeaveEnough(timeline: Timeline, end: number, known: number) {
  const most = Math.min(MOST_TEST_WEEKS, known - WARM_UP_WEEKS - GOOD_WEEKS);
  for (let count = Math.max(TEST_WEEKS, most); ; count -= 1) {
    const startMs = timeline.windows.startOf(end - count * WINDOWS_AHEAD).getTime();
    const material = materialAt(timeline, startMs);
    if (material.weeks >= MIN_WEEKS && material.incidents >= MIN_INCIDENTS) return count;
    if (count === MIN_TEST_WEEKS) return material;
  }
}

/** Whole weeks up to `end` of which nothing was known at a cut-off. */
function weeksSince(timeline: Timeline, cutOffMs: number, end: number): number {
  const since = windowAt(timeline.windows.shownAt(cutOffMs)) + 1;
  return Math.floor((end - since) / WINDOWS_AHEAD);
}

function inWords(knownWeeks: number, incidents: number): string {
  const needed = WARM_UP_WEEKS + MIN_WEEKS + MIN_TEST_WEEKS;
  const parts = `${WARM_UP_WEEKS} to look back on, ${MIN_WEEKS} to learn from and ${MIN_TEST_WEEKS} to test on`;
  return `It takes ${needed} weeks of history (${parts}), of which ${knownWeeks} are known, and ${MIN_INCIDENTS} incidents in the weeks that are learnt from, of which ${incidents} are known.`;
}
