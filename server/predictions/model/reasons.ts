import { FEATURES, reasonsOfColumns } from '../features/features.ts';
import type { ReasonCode } from '../features/features.ts';
import type { Timeline } from '../features/timeline.ts';
import type { Reason } from '../forecast.ts';

export const REASON_CODES: readonly ReasonCode[] = [...new Set(FEATURES.map(({ reason }) => reason))];
/** A reason that changes less than this is none. */
const MIN_FACTOR = 1.1;
const MAX_REASONS = 3;

/** Rows in which, one kind of reason after another, what tells about it is as it is in the average place. */
export interface Ablation {
  /** For one row, `REASON_CODES.length` rows of the same width. */
  rowsOf(row: Float32Array, average: Float64Array, into: Float32Array, offset: number): void;
}

/** Makes the rows whose forecasts, compared with that of the row itself, are its reasons. */
export function createAblation(timeline: Timeline): Ablation {
  const reasons = reasonsOfColumns(timeline);
  return {
    rowsOf(row, average, into, offset) {
      REASON_CODES.forEach((code, n) => {
        const at = offset + n * row.length;
        for (let column = 0; column < row.length; column++) {
          into[at + column] = reasons[column] === code ? average[column]! : row[column]!;
        }
      });
    },
  };
}

/** The reasons of a forecast from what would be expected without each: the strongest first. */
export function reasonsOf(expected: number, without: ArrayLike<number>): readonly Reason[] {
  return REASON_CODES.map((code, n) => ({ code, factor: expected / without[n]! }))
    .filter(({ factor }) => factor >= MIN_FACTOR || factor <= 1 / MIN_FACTOR)
    .toSorted((a, b) => Math.abs(Math.log(b.factor)) - Math.abs(Math.log(a.factor)))
    .slice(0, MAX_REASONS);
}
