import { HaloError } from '../../../server/platform/errors.ts';
import { WINDOWS_AHEAD } from '../../../server/predictions/forecast.ts';
import type { HistoryIncident } from '../../../server/predictions/history-builder.ts';
import { windowAt, windowsOf } from '../../../server/predictions/windows.ts';
import type { EvaluationArguments } from './arguments.ts';

const DAY_MS = 86_400_000;

/**
 * Refuses a test beyond the day of the last entry, with `evaluation_beyond_entries`: weeks after it would pass for quiet ones, in which
 * whoever expects least is right.
 */
export function refuseBeyondEntries(
  incidents: readonly HistoryIncident[],
  { zone, to, toShownMs }: Pick<EvaluationArguments, 'zone' | 'to' | 'toShownMs'>,
): void {
  const lastMs = incidents.reduce((last, { occurredAtMs }) => Math.max(last, occurredAtMs), -Infinity);
  const lastDay = Math.floor(windowsOf(zone).shownAt(lastMs) / DAY_MS) * DAY_MS;
  if (toShownMs <= lastDay + DAY_MS) return;
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  throw new HaloError(
    'evaluation_beyond_entries',
    `--to ${to} lies beyond the last entry, of ${day(lastDay)}: what came after it is not known.`,
    { hint: `Give --to ${day(lastDay + DAY_MS)} at the latest.` },
  );
}

/**
 * In words in how many of the weeks nothing at all happened, as where a file has a gap, or its last entry a wrong year; undefined where
 * there is none.
 */
export function emptyWeeks(
  incidents: readonly HistoryIncident[],
  firstWindows: readonly number[],
  zone: string,
): string | undefined {
  const windows = windowsOf(zone);
  const first = firstWindows[0] ?? 0;
  const busy = new Set(
    incidents.map(({ occurredAtMs }) =>
      Math.floor((windowAt(windows.shownAt(occurredAtMs)) - first) / WINDOWS_AHEAD),
    ),
  );
  const empty = firstWindows.filter((window) => !busy.has((window - first) / WINDOWS_AHEAD)).length;
  if (empty === 0) return undefined;
  return `Warning: in ${empty} of the ${firstWindows.length} weeks nothing at all is entered, and they count as quiet ones; where the file has a gap, leave it out.`;
}
