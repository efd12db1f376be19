import { RISK_BANDS } from '@halo/shapes/taxonomy/risk-bands.ts';
import { reasonWords } from '@halo/shapes/taxonomy/reason-words.ts';
import { z } from 'zod';
import type { Language } from '../texts/dictionary.ts';

/** What is expected at one place in one window, as the replica has it. */
export type RiskPlace = {
  readonly place: string;
  readonly place_kind: string;
  readonly lat: number;
  readonly lon: number;
  readonly expected: number;
  readonly lower: number;
  readonly upper: number;
  readonly rank: number;
  readonly band: number;
  readonly reasons: unknown;
  readonly model_id: string;
  readonly cut_off: Date;
  readonly computed_at: Date;
  readonly valid_until: Date;
};

/** Places of one window at most: 500 cells of a county, and its municipalities. */
const MAX_PLACES = 600;

/** The windows of a county's forecasts. */
export const WINDOWS_SQL = `SELECT DISTINCT window_start, window_end FROM predictions WHERE region = $1
  ORDER BY window_start LIMIT 100`;

/** The forecasts of a county's window. */
export const PLACES_SQL = `SELECT place, place_kind, lat, lon, expected, lower, upper, rank, band, reasons, model_id,
    cut_off, computed_at, valid_until
  FROM predictions WHERE region = $1 AND window_start = $2::timestamptz
  ORDER BY place_kind, rank, place LIMIT ${MAX_PLACES}`;

/** The places to be shown: cells, and municipalities only where there is none: the two do not compare. */
export function shownPlaces(places: readonly RiskPlace[]): readonly RiskPlace[] {
  const cells = places.filter(isCell);
  return cells.length > 0 ? cells : places;
}

/** Whether the place is a cell rather than an area. */
export function isCell({ place_kind }: Pick<RiskPlace, 'place_kind'>): boolean {
  return place_kind.startsWith('cell');
}

/** Whether it should have been replaced by now. */
export function isStale({ valid_until }: Pick<RiskPlace, 'valid_until'>, nowMs: number): boolean {
  return valid_until.getTime() <= nowMs;
}

/** How old a window's forecasts are. */
export interface RiskAge {
  /** When the oldest of them was computed. */
  readonly computedAt: Date;
  /** Some of them should have been replaced by now. */
  readonly stale: boolean;
}

/** The age of what is shown; undefined where nothing is. */
export function ageOf(places: readonly RiskPlace[], nowMs: number): RiskAge | undefined {
  const [first] = places.toSorted((a, b) => a.computed_at.getTime() - b.computed_at.getTime());
  if (first === undefined) return undefined;
  return { computedAt: first.computed_at, stale: places.some((place) => isStale(place, nowMs)) };
}

/** A band in words; a number that is none shows as it is. */
export function bandName(band: number, language: Language): string {
  return RISK_BANDS.find((each) => each.band === band)?.[language] ?? String(band);
}

/** The band that a risk of a notice stands for. */
export function bandOfRisk(risk: number): number {
  return Math.round(1 + risk * 4);
}

const reasonsSchema = z.array(z.object({ code: z.string(), factor: z.number() }));

/** One reason of a forecast. */
export interface ReasonInWords {
  readonly text: string;
  /** What the expected count was multiplied by. */
  readonly factor: number;
}

/** The reasons in words, the strongest first; none where they are of another kind. */
export function reasonsInWords(reasons: unknown, language: Language): readonly ReasonInWords[] {
  const parsed = reasonsSchema.safeParse(reasons);
  return (parsed.data ?? []).map(({ code, factor }) => ({
    text: reasonWords(code, factor)[language],
    factor,
  }));
}
