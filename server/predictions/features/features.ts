import { WINDOWS_A_DAY, WINDOW_MS, windowAt, windowOfWeek } from '../windows.ts';
import { isSwedishHoliday } from './calendar.ts';
import { CLOCKS, isWeekend } from './clocks.ts';
import { daylightOf } from './daylight.ts';
import type { Daylight } from './daylight.ts';
import { kernelColumns, kernelView } from './kernel-columns.ts';
import type { KernelView } from './kernel-columns.ts';
import { knowledgeAt } from './knowledge.ts';
import type { Knowledge } from './knowledge.ts';
import { COUNTED_DAYS, placeCounts } from './place-counts.ts';
import type { PlaceCounts } from './place-counts.ts';
import type { Timeline } from './timeline.ts';

/** Raised with every change of what a feature means: a model of another version cannot be fed. */
export const FEATURES_VERSION = 2;

/** What a feature tells about; the stable code of a forecast's reason. */
export type ReasonCode = 'recent' | 'history' | 'hours' | 'neighbours' | 'other_types' | 'calendar';

const DAY_MS = 86_400_000;
/** Incidents of a usual distribution that are added to a place's own before hours are compared. */
const LIFT_PRIOR = 3;
const RING_LIFT_PRIOR = 1;
/** The holidays that are known are Sweden's. */
const HOLIDAY_ZONE = 'Europe/Stockholm';

/** What a feature is computed from. */
interface At {
  readonly counts: PlaceCounts;
  readonly places: number;
  readonly place: number;
  readonly window: number;
  readonly ofWeek: number;
  readonly knowledge: Knowledge;
  readonly today: Today;
  readonly daylight: Daylight;
}

/** What is the same in all places in a window. */
interface Today {
  readonly dayOfYear: number;
  readonly holiday: number;
  readonly horizonDays: number;
  /** Share of the week's incidents that falls into the same hours, by each clock. */
  readonly usual: Readonly<Record<keyof typeof CLOCKS, number>>;
}

interface Feature {
  readonly name: string;
  readonly reason: ReasonCode;
  readonly of: (at: At) => number;
}

const within = (days: (typeof COUNTED_DAYS)[number], reason: ReasonCode): Feature => {
  const index = COUNTED_DAYS.indexOf(days);
  return { name: `within_${days}_days`, reason, of: ({ counts, place }) => counts.within[index]![place]! };
};
const year = ({ counts, place }: At) => counts.within[6]![place]!;
const threeYears = ({ counts, place }: At) => counts.within[7]![place]!;
const slot = (clock: keyof typeof CLOCKS, { ofWeek, places, place }: At) =>
  CLOCKS[clock].classOf[ofWeek]! * places + place;

/** How much a place's share of these hours exceeds that of all places, as a logarithm; few incidents say little. */
function lift(clock: keyof typeof CLOCKS, own: number, total: number, prior: number, { today }: At): number {
  const usual = today.usual[clock];
  return Math.log((own + prior * usual) / (total + prior) / usual);
}

/**
 * The features, in the order in which trees see them after the kernel's logarithm. Training and scoring both read them here, and all
 * of it from what was known at the cut-off.
 */
export const FEATURES: readonly Feature[] = [
  within(1, 'recent'),
  within(3, 'recent'),
  within(7, 'recent'),
  within(14, 'recent'),
  within(28, 'recent'),
  within(90, 'recent'),
  within(365, 'history'),
  within(1_095, 'history'),
  { name: 'decayed', reason: 'recent', of: ({ counts, place }) => counts.decayed[place]! },
  { name: 'days_since_last', reason: 'recent', of: ({ counts, place }) => counts.daysSinceLast[place]! },
  {
    name: 'recent_over_year',
    reason: 'recent',
    of: (at) => (at.counts.within[4]![at.place]! + 1) / ((year(at) * 28) / 365 + 1),
  },
  { name: 'year_over_three', reason: 'history', of: (at) => (year(at) + 2) / (threeYears(at) / 3 + 2) },
  {
    name: 'days_with_of_year',
    reason: 'history',
    of: (at) => at.counts.daysWith365[at.place]! / (year(at) + 0.5),
  },
  { name: 'all_types_365', reason: 'other_types', of: ({ counts, place }) => counts.ofAllTypes365[place]! },
  {
    name: 'all_types_over_own',
    reason: 'other_types',
    of: (at) => (at.counts.ofAllTypes365[at.place]! + 5) / (year(at) + 1),
  },
  { name: 'same_hours_365', reason: 'hours', of: (at) => at.counts.hours365[slot('hours', at)]! },
  { name: 'same_hours_1095', reason: 'hours', of: (at) => at.counts.hours1095[slot('hours', at)]! },
  {
    name: 'same_week_hours_1095',
    reason: 'hours',
    of: (at) => at.counts.weekHours1095[slot('week-hours', at)]!,
  },
  {
    name: 'hours_lift',
    reason: 'hours',
    of: (at) => lift('hours', at.counts.hours1095[slot('hours', at)]!, threeYears(at), LIFT_PRIOR, at),
  },
  {
    name: 'weekend_hours_lift',
    reason: 'hours',
    of: (at) =>
      lift(
        'weekend-hours',
        at.counts.weekendHours1095[slot('weekend-hours', at)]!,
        threeYears(at),
        LIFT_PRIOR,
        at,
      ),
  },
  {
    name: 'week_hours_lift',
    reason: 'hours',
    of: (at) =>
      lift('week-hours', at.counts.weekHours1095[slot('week-hours', at)]!, threeYears(at), LIFT_PRIOR, at),
  },
  {
    name: 'ring_hours_lift',
    reason: 'neighbours',
    of: (at) =>
      lift(
        'hours',
        at.counts.ringHours1095[slot('hours', at)]!,
        at.counts.ring1095[at.place]!,
        RING_LIFT_PRIOR,
        at,
      ),
  },
  { name: 'ring1_28', reason: 'neighbours', of: ({ counts, place }) => counts.ring28[place]! },
  ...[0, 1, 2].map((ring): Feature => ({
    name: `ring${ring + 1}_365`,
    reason: 'neighbours',
    of: ({ counts, place }) => counts.rings365[ring]?.[place] ?? 0,
  })),
  { name: 'region_trend', reason: 'calendar', of: ({ counts, place }) => counts.regionTrend[place]! },
  { name: 'trend', reason: 'calendar', of: ({ counts }) => counts.trend },
  { name: 'hours_of_day', reason: 'calendar', of: ({ ofWeek }) => ofWeek % WINDOWS_A_DAY },
  { name: 'day_of_week', reason: 'calendar', of: ({ ofWeek }) => Math.floor(ofWeek / WINDOWS_A_DAY) },
  { name: 'window_of_week', reason: 'calendar', of: ({ ofWeek }) => ofWeek },
  { name: 'weekend', reason: 'calendar', of: ({ ofWeek }) => (isWeekend(ofWeek) ? 1 : 0) },
  {
    name: 'usual_share',
    reason: 'calendar',
    of: ({ knowledge, ofWeek }) => Math.log(knowledge.profile[ofWeek]!),
  },
  { name: 'day_of_year', reason: 'calendar', of: ({ today }) => today.dayOfYear },
  { name: 'daylight', reason: 'calendar', of: ({ daylight, place, window }) => daylight(place, window) },
  { name: 'holiday', reason: 'calendar', of: ({ today }) => today.holiday },
  { name: 'horizon_days', reason: 'calendar', of: ({ today }) => today.horizonDays },
  {
    name: 'gap_days',
    reason: 'calendar',
    of: ({ knowledge }) => (knowledge.cutOffShownMs - knowledge.frontierMs) / DAY_MS,
  },
];

/** All that a model is fed with at one cut-off. */
export interface FeatureView {
  readonly knowledge: Knowledge;
  readonly kernel: KernelView;
  /** Numbers of a row: the kernel's columns, then the features. */
  readonly width: number;
  /** Writes the row of a place and a window (counted from 1970). */
  fill(place: number, window: number, into: Float32Array, offset: number): void;
}

/** What is known at a cut-off (milliseconds of UTC), as a model sees it; undefined where nothing is known. */
export function featureView(timeline: Timeline, cutOffMs: number): FeatureView | undefined {
  const knowledge = knowledgeAt(timeline, cutOffMs);
  if (knowledge === undefined) return undefined;
  const kernel = kernelView(timeline, knowledge);
  const counts = placeCounts(timeline, knowledge);
  const places = timeline.places.length;
  const daylight = daylightOf(timeline.places);
  const todays = new Map<number, Today>();
  const todayOf = (window: number): Today => {
    const known = todays.get(window);
    if (known !== undefined) return known;
    const today = describe(window, knowledge, timeline.zone);
    todays.set(window, today);
    return today;
  };
  return {
    knowledge,
    kernel,
    width: kernel.columns + FEATURES.length,
    fill(place, window, into, offset) {
      const ofWeek = windowOfWeek(window);
      kernel.fill(place, ofWeek, into, offset);
      const today = todayOf(window);
      const at: At = { counts, places, place, window, ofWeek, knowledge, today, daylight };
      for (let n = 0; n < FEATURES.length; n++) into[offset + kernel.columns + n] = FEATURES[n]!.of(at);
    },
  };
}

/** What each number of a row tells about, the kernel's columns first; the constant column tells about nothing. */
export function reasonsOfColumns({ series }: Timeline): readonly (ReasonCode | undefined)[] {
  const kernel = kernelColumns(series.placeKind, series.category).map(
    ({ ring, clock, ofAllTypes, fromDays }): ReasonCode => {
      if (ring > 0) return 'neighbours';
      if (ofAllTypes) return 'other_types';
      if (clock !== 'any') return 'hours';
      return fromDays < 90 ? 'recent' : 'history';
    },
  );
  return [...kernel, undefined, ...FEATURES.map(({ reason }) => reason)];
}

function describe(window: number, knowledge: Knowledge, zone: string): Today {
  const startMs = window * WINDOW_MS;
  const date = new Date(startMs);
  return {
    dayOfYear: Math.floor((startMs - Date.UTC(date.getUTCFullYear(), 0, 1)) / DAY_MS),
    holiday: zone === HOLIDAY_ZONE && isSwedishHoliday(startMs) ? 1 : 0,
    usual: usualShares(windowOfWeek(window), knowledge),
    horizonDays: Math.max(0, Math.floor((window - windowAt(knowledge.cutOffShownMs)) / WINDOWS_A_DAY)),
  };
}

function usualShares(ofWeek: number, { profile }: Knowledge): Today['usual'] {
  const share = (clock: keyof typeof CLOCKS) => {
    const { classOf } = CLOCKS[clock];
    return profile.reduce((sum, own, window) => (classOf[window] === classOf[ofWeek] ? sum + own : sum), 0);
  };
  return {
    any: 1,
    hours: share('hours'),
    'weekend-hours': share('weekend-hours'),
    'week-hours': share('week-hours'),
  };
}
