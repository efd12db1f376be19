/** Maps a value of a domain to a place on a range of pixels. */
export interface Scale {
  (value: number): number;
  readonly ticks: readonly number[];
}

/** Most ticks of an axis of values. */
const MAX_TICKS = 4;

/** Round steps: 1, 2 or 5 times a power of ten. */
function roundStep(span: number, most: number): number {
  const rough = span / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((step) => step * power >= rough * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** A scale of amounts that begins at zero and ends at a round number not below `most`. */
export function amountScale(most: number, heightPx: number, whole = false): Scale {
  const top = Number.isFinite(most) && most > 0 ? most : 1;
  const step = Math.max(roundStep(top, MAX_TICKS), whole ? 1 : 0);
  const steps = Math.ceil(top / step - 1e-9);
  const end = steps * step;
  const ticks = Array.from({ length: steps + 1 }, (_, n) => Number((n * step).toPrecision(12)));
  return Object.assign((value: number) => heightPx - (value / end) * heightPx, { ticks });
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const TIME_STEPS_MS = [
  ...[1, 5, 15, 30].map((n) => n * SECOND_MS),
  ...[1, 5, 10, 15, 30].map((n) => n * MINUTE_MS),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR_MS),
  ...[1, 2, 7, 14, 30, 90, 365].map((n) => n * DAY_MS),
];

/** A scale of times with ticks at round times of UTC, no more than `mostTicks`. */
export function timeScale(fromMs: number, toMs: number, widthPx: number, mostTicks: number): Scale {
  const spanMs = Math.max(1, toMs - fromMs);
  const stepMs = TIME_STEPS_MS.find((step) => spanMs / step <= mostTicks) ?? spanMs;
  const first = Math.ceil(fromMs / stepMs) * stepMs;
  const ticks: number[] = [];
  for (let at = first; at <= toMs && ticks.length <= mostTicks; at += stepMs) ticks.push(at);
  return Object.assign((value: number) => ((value - fromMs) / spanMs) * widthPx, { ticks });
}

/** The path of a line through points; it is broken where a value is missing, and one that stands alone is a dot. */
export function linePath(points: readonly (readonly [x: number, y: number | undefined])[]): string {
  let path = '';
  for (const [n, [x, y]] of points.entries()) {
    if (y === undefined) continue;
    const isFirst = points[n - 1]?.[1] === undefined;
    path += `${isFirst ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`;
    // With round ends a line of no length is a dot.
    if (isFirst && points[n + 1]?.[1] === undefined) path += 'h0';
  }
  return path;
}
