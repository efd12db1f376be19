/** Length of a bar of time, in milliseconds. */
export const HOUR_MS = 3_600_000;
/** Bars of a day. */
const HOURS = 24;

/** When each of the last 24 hours begins, up to the one that is under way. */
export function lastHours(nowMs: number): number[] {
  const newest = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
  return Array.from({ length: HOURS }, (_, n) => newest - (HOURS - 1 - n) * HOUR_MS);
}

/** How many of the times lie in each of the hours. */
export function countByHour(timesMs: readonly number[], hoursMs: readonly number[]): number[] {
  const counts = hoursMs.map(() => 0);
  const firstMs = hoursMs[0] ?? 0;
  for (const at of timesMs) {
    const hour = Math.floor((at - firstMs) / HOUR_MS);
    const before = counts[hour];
    if (before !== undefined) counts[hour] = before + 1;
  }
  return counts;
}

/** Bounds between the ages of the oldest entry of an outbox, in seconds. */
const AGE_BOUNDS_S = [60, 600, 3_600, 86_400];

/** How many of the ages lie between each two bounds. */
export function countByAge(agesSeconds: readonly number[]): number[] {
  const counts = [0, ...AGE_BOUNDS_S.map(() => 0)];
  for (const age of agesSeconds) {
    const step = AGE_BOUNDS_S.findIndex((bound) => age < bound);
    const at = step === -1 ? AGE_BOUNDS_S.length : step;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
}

/** The values that come most often, with how often. */
export function mostFrequent(values: readonly string[], most: number): [value: string, times: number][] {
  const times = new Map<string, number>();
  for (const value of values) times.set(value, (times.get(value) ?? 0) + 1);
  return [...times].sort(([, a], [, b]) => b - a).slice(0, most);
}
