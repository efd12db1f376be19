import { baselineView } from '../evaluation/baselines.ts';
import { ownRecord } from '../evaluation/own-record.ts';
import type { Knowledge } from '../features/knowledge.ts';
import type { Timeline } from '../features/timeline.ts';
import { WINDOWS_AHEAD } from '../forecast.ts';
import type { PlaceForecast } from '../forecast.ts';
import { windowOfWeek } from '../windows.ts';
import { intervalFactors } from './interval.ts';
import { mostExpected } from './most-expected.ts';

/**
 * The baseline's forecasts: each place's count of the last 365 days, spread over the week as incidents are everywhere. It is set as it would
 * have done best of late, and its intervals are as wide as it was off then.
 */
export function scoreBaseline(
  timeline: Timeline,
  knowledge: Knowledge,
  firstWindow: number,
): readonly PlaceForecast[] {
  const { settings, spread } = ownRecord(timeline, knowledge);
  const { ofWeek, weeks } = baselineView(timeline, knowledge, settings);
  const mean = ofWeek.reduce((sum, value) => sum + value, 0) / ofWeek.length;
  const kept = mostExpected(timeline, ofWeek);
  return Array.from({ length: WINDOWS_AHEAD }, (_, offset) => firstWindow + offset).flatMap((window) => {
    const [windowStart, windowEnd] = [timeline.windows.startOf(window), timeline.windows.startOf(window + 1)];
    const share = knowledge.profile[windowOfWeek(window)]!;
    return kept.map((place): PlaceForecast => {
      const expected = ofWeek[place]! * share;
      const { lower, upper } = intervalFactors(ofWeek[place]! * weeks, spread);
      const reasons = [{ code: 'history', factor: ofWeek[place]! / mean }];
      return {
        place,
        windowStart,
        windowEnd,
        expected,
        lower: expected * lower,
        upper: expected * upper,
        reasons,
      };
    });
  });
}
