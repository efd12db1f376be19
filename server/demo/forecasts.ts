import { reasonWords } from '@halo/shapes/taxonomy/reason-words.ts';
import type { CityPast } from './city-past.ts';
import type { Narrator } from './narrator.ts';
import type { Resident } from './residents.ts';

const ZONE = 'Europe/Stockholm';
const SHOWN = 3;
/** For so long after the city's past has ended its true rates are those that it led to. */
const TRUTH_LASTS_MS = 12 * 3_600_000;

interface Held extends Record<string, unknown> {
  readonly rows: number;
  readonly cells: number;
}

interface Forecast extends Record<string, unknown> {
  readonly place: string;
  readonly window_start: Date;
  readonly window_end: Date;
  readonly expected: number;
  readonly lower: number;
  readonly upper: number;
  readonly band: number;
  readonly reasons: readonly { readonly code: string; readonly factor: number }[];
  readonly model_id: string;
  readonly cut_off: Date;
}

/** Forecasts of cells that the device's own replica holds: those of one model, or all. */
export async function forecastsHeld({ halo }: Resident, modelId?: string): Promise<Held> {
  const [held] = await halo.query<Held>(
    `SELECT count(*)::int AS rows, count(DISTINCT place)::int AS cells
     FROM predictions WHERE place_kind = 'cell-9' AND ($1::uuid IS NULL OR model_id = $1)`,
    [modelId ?? null],
  );
  return held!;
}

/** Tells what a device knows of the next window, from its own rows, beside what the simulated city truly has in store. */
export async function tellForecasts(
  resident: Resident,
  { city, until }: CityPast,
  tell: Narrator,
): Promise<void> {
  const { rows, cells } = await forecastsHeld(resident);
  const next = await resident.halo.query<Forecast>(
    `SELECT place, window_start, window_end, expected, lower, upper, band, reasons, model_id, cut_off FROM predictions
     WHERE place_kind = 'cell-9' AND window_start = (SELECT min(window_start) FROM predictions WHERE window_start > $1)
     ORDER BY rank, place`,
    [new Date()],
  );
  const [first] = next;
  if (first === undefined) return tell.say(resident.name, 'has no forecasts yet');
  tell.say(
    resident.name,
    `streamed: ${rows} forecasts of ${cells} cells for the next seven days, of the model ${first.model_id}`,
  );
  const indexOf = new Map(city.cells.map(({ id }, index) => [id, index]));
  const isKnown = first.window_start.getTime() - until.getTime() < TRUTH_LASTS_MS;
  const truthOf = ({ place, window_start: start, cut_off: cutOff }: Forecast) =>
    city.expected(indexOf.get(place) ?? -1, start.getTime(), cutOff.getTime());
  for (const forecast of next.slice(0, SHOWN)) {
    const { place, expected, lower, upper, band, reasons } = forecast;
    const [reason] = reasons;
    const why = reason === undefined ? '' : `; ${reasonWords(reason.code, reason.factor).en.toLowerCase()}`;
    const truth =
      isKnown && indexOf.has(place) ? `; the city's own rate there is ${figure(truthOf(forecast))}` : '';
    tell.say(
      resident.name,
      `${hours(first)}, cell ${place}: ${figure(expected)} expected (${figure(lower)} to ${figure(upper)}), risk band ${band}${why}${truth}`,
    );
  }
  if (!isKnown) return;
  const known = next.filter(({ place }) => indexOf.has(place));
  const sum = (valueOf: (forecast: Forecast) => number) =>
    known.reduce((total, forecast) => total + valueOf(forecast), 0).toFixed(1);
  tell.say(
    resident.name,
    `in all ${known.length} cells ${sum(({ expected }) => expected)} expected; the city's own rates add up to ${sum(truthOf)}`,
  );
}

const figure = (value: number) => value.toPrecision(2);

function hours({ window_start: start, window_end: end }: Forecast): string {
  const day = start.toLocaleDateString('en-GB', { timeZone: ZONE, weekday: 'long' });
  const hour = (at: Date) => at.toLocaleTimeString('en-GB', { timeZone: ZONE, hour: '2-digit' });
  return `${day} ${hour(start)} to ${hour(end)}`;
}
