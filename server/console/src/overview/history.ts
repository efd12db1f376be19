import { INSPECTOR_PREFIX } from '@halo/shapes/protocol/inspector.ts';
import type { HistoryPoint, SyncHistory } from '@halo/shapes/protocol/sync-history.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How far back the charts go, with the length of their steps. */
export const RANGES = {
  '1h': { spanMs: HOUR_MS, stepSeconds: 60 },
  '6h': { spanMs: 6 * HOUR_MS, stepSeconds: 120 },
  '24h': { spanMs: 24 * HOUR_MS, stepSeconds: 600 },
  '7d': { spanMs: 7 * 24 * HOUR_MS, stepSeconds: 3_600 },
} as const;
export type Range = keyof typeof RANGES;
export const RANGE_NAMES = Object.keys(RANGES) as readonly Range[];

/** A shift's worth: whoever comes at four sees what has been since ten. */
export const DEFAULT_RANGE: Range = '6h';

/** The range that an address names; the usual one where it names none. */
export function rangeOf(choice: string | undefined): Range {
  return RANGE_NAMES.find((name) => name === choice) ?? DEFAULT_RANGE;
}

/** What is asked for of a range, up to the last whole minute: the same path for all of a minute, so that it is asked once. */
export function historyPath(range: Range, nowMs: number): string {
  const { spanMs, stepSeconds } = RANGES[range];
  const minuteMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const query = new URLSearchParams({
    from: new Date(minuteMs - spanMs).toISOString(),
    to: new Date(minuteMs).toISOString(),
    step: String(stepSeconds),
  });
  return `${INSPECTOR_PREFIX}/history?${query.toString()}`;
}

/** Every step of a time, also those of which nothing is known. */
export interface Steps {
  readonly timesMs: readonly number[];
  readonly points: readonly (HistoryPoint | undefined)[];
  readonly stepMs: number;
}

/** Lays the answer over its whole time: what was not written down is a gap, and no line goes over it. */
export function stepsOf({ from, to, stepSeconds, points }: SyncHistory): Steps {
  const stepMs = stepSeconds * 1000;
  const known = new Map(points.map((point) => [Date.parse(point.at), point]));
  const timesMs: number[] = [];
  for (let at = Math.floor(Date.parse(from) / stepMs) * stepMs; at < Date.parse(to); at += stepMs)
    timesMs.push(at);
  return { timesMs, points: timesMs.map((at) => known.get(at)), stepMs };
}

/** A time in which one thing was the case. */
export interface Span<T> {
  readonly fromMs: number;
  readonly toMs: number;
  readonly value: T;
}

/** Joins steps that say the same. */
export function spansOf<T>(timesMs: readonly number[], stepMs: number, values: readonly T[]): Span<T>[] {
  const spans: { fromMs: number; toMs: number; value: T }[] = [];
  for (const [n, at] of timesMs.entries()) {
    const value = values[n] as T;
    const last = spans.at(-1);
    if (last !== undefined && last.value === value) last.toMs = at + stepMs;
    else spans.push({ fromMs: at, toMs: at + stepMs, value });
  }
  return spans;
}
