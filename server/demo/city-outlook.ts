import type { CityCell, CityIncident, SelfExcitingCity, SelfExcitingRules } from './simulated-city.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The city's day has four windows. */
export const WINDOW_MS = 6 * HOUR_MS;
/** What an incident still leads to after so many mean delays is nothing: under 1e-17 of it. */
const DELAYS_REMEMBERED = 40;
/** Nobody asks for more than weeks ahead. */
const MAX_DAYS = 400;

/** A share of what an incident in one cell leads to, that comes in another. */
export interface Passage {
  readonly to: number;
  readonly share: number;
}

/**
 * What is to be expected of a city when it is known what has happened before a moment. What is yet to come leads to more, too, so the
 * mean rates are followed onward from there: for delays that are exponential, what incidents have led to falls by the mean delay and rises
 * by what the rates of all cells around lead to, which is a linear differential equation (Hawkes 1971).
 */
export function outlookOf(
  rules: SelfExcitingRules,
  cells: readonly CityCell[],
  incidents: readonly CityIncident[],
  passages: readonly (readonly Passage[])[],
): SelfExcitingCity['expected'] {
  let outlook:
    { readonly knownMs: number; readonly before: (cell: number, ms: number) => number } | undefined;
  return (cell, windowMs, knownMs) => {
    if (outlook?.knownMs !== knownMs) {
      outlook = { knownMs, before: followed(rules, cells, incidents, passages, knownMs) };
    }
    const endMs = windowMs + WINDOW_MS;
    const past =
      windowMs < knownMs ? led(rules, incidents, passages, cell, windowMs, Math.min(endMs, knownMs)) : 0;
    const ofItself = backgroundIn(cells[cell]!, windowMs, Math.max(windowMs, Math.min(endMs, knownMs)));
    const onward = outlook.before(cell, endMs) - outlook.before(cell, windowMs);
    return past + ofItself + onward;
  };
}

/** Expected incidents of a cell from the moment on at which knowledge ends, up to another one. */
function followed(
  { offspring, meanDelayDays }: SelfExcitingRules,
  cells: readonly CityCell[],
  incidents: readonly CityIncident[],
  passages: readonly (readonly Passage[])[],
  knownMs: number,
) {
  const perDay = offspring / meanDelayDays;
  let led = new Float64Array(cells.length);
  for (const { cell, atMs } of incidents) {
    const delays = (knownMs - atMs) / DAY_MS / meanDelayDays;
    if (delays <= 0 || delays > DELAYS_REMEMBERED) continue;
    for (const { to, share } of passages[cell]!) led[to]! += perDay * share * Math.exp(-delays);
  }
  const change = (ofItself: Float64Array, from: Float64Array) => {
    const into = from.map((value) => -value / meanDelayDays);
    from.forEach((value, cell) => {
      for (const { to, share } of passages[cell]!) into[to]! += perDay * share * (ofItself[cell]! + value);
    });
    return into;
  };
  const ends = [knownMs];
  const sums = [new Float64Array(cells.length)];
  const follow = () => {
    const [fromMs, sum] = [ends.at(-1)!, sums.at(-1)!];
    const endMs = (Math.floor(fromMs / HOUR_MS) + 1) * HOUR_MS;
    const days = (endMs - fromMs) / DAY_MS;
    const ofItself = Float64Array.from(cells, (each) => backgroundIn(each, fromMs, endMs) / days);
    // The midpoint's rule: an hour is short beside any delay.
    const middle = change(ofItself, led).map((value, cell) => led[cell]! + (value * days) / 2);
    led = change(ofItself, middle).map((value, cell) => led[cell]! + value * days);
    ends.push(endMs);
    sums.push(sum.map((value, cell) => value + (ofItself[cell]! + middle[cell]!) * days));
  };
  return (cell: number, ms: number): number => {
    if (ms <= knownMs) return 0;
    if (ms - knownMs > MAX_DAYS * DAY_MS) throw new RangeError('That is too far ahead.');
    while (ends.at(-1)! < ms) follow();
    const after = ends.findIndex((end) => end >= ms);
    const share = (ms - ends[after - 1]!) / (ends[after]! - ends[after - 1]!);
    return sums[after - 1]![cell]! * (1 - share) + sums[after]![cell]! * share;
  };
}

/** What all that happens leads to at first hand in a cell, between two moments. */
function led(
  { offspring, meanDelayDays }: SelfExcitingRules,
  incidents: readonly CityIncident[],
  passages: readonly (readonly Passage[])[],
  into: number,
  fromMs: number,
  endMs: number,
): number {
  let sum = 0;
  for (const { cell, atMs } of incidents) {
    if (atMs >= endMs) break;
    const share = passages[cell]!.find(({ to }) => to === into)?.share ?? 0;
    const leftAt = (ms: number) => Math.exp(-Math.max(0, ms - atMs) / DAY_MS / meanDelayDays);
    sum += offspring * share * (leftAt(fromMs) - leftAt(endMs));
  }
  return sum;
}

/** What happens in a cell of itself between two moments: its day's share of each quarter, evenly within it. */
export function backgroundIn({ background, hours }: CityCell, fromMs: number, endMs: number): number {
  let sum = 0;
  for (let atMs = fromMs; atMs < endMs;) {
    const quarterEndMs = (Math.floor(atMs / WINDOW_MS) + 1) * WINDOW_MS;
    const untilMs = Math.min(endMs, quarterEndMs);
    const quarter = Math.floor((atMs % DAY_MS) / WINDOW_MS);
    sum += (background * hours[quarter]! * (untilMs - atMs)) / WINDOW_MS;
    atMs = untilMs;
  }
  return sum;
}
