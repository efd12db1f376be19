/** Most bins of a feature: a bin's number is a byte, and a histogram of this size stays in the processor's cache. */
export const MAX_BINS = 64;
/** Cut points are taken from at most this many rows, evenly spread: quantiles need no more. */
const MAX_SAMPLED_ROWS = 50_000;

/** Rows whose features are replaced by the number of the bin that they fall into. */
export interface BinnedRows {
  readonly rows: number;
  readonly features: number;
  /** Row by row; a value's bin is the first whose cut it does not exceed. */
  readonly bins: Uint8Array;
  /** Of each feature, rising: bin b holds what is over `cuts[b - 1]` and at most `cuts[b]`; the last bin has no cut. */
  readonly cuts: readonly Float32Array[];
}

/**
 * Sorts each feature into at most `MAX_BINS` bins of about as many rows each. Cuts are values that occur, so that a comparison with
 * them is exact in 32 bits. `values` holds the rows one after another.
 */
export function binRows(values: Float32Array, rows: number, features: number): BinnedRows {
  const cuts = Array.from({ length: features }, (_, feature) => cutsOf(values, rows, features, feature));
  const bins = new Uint8Array(rows * features);
  for (let feature = 0; feature < features; feature++) {
    const own = cuts[feature]!;
    for (let at = feature; at < bins.length; at += features) bins[at] = binOf(own, values[at]!);
  }
  return { rows, features, bins, cuts };
}

function cutsOf(values: Float32Array, rows: number, features: number, feature: number): Float32Array {
  const step = Math.max(1, Math.floor(rows / MAX_SAMPLED_ROWS));
  const sample = new Float32Array(Math.ceil(rows / step));
  for (let n = 0; n < sample.length; n++) sample[n] = values[n * step * features + feature]!;
  sample.sort();
  const distinct = sample.filter((value, n) => n === 0 || value !== sample[n - 1]);
  if (distinct.length <= MAX_BINS) return distinct.slice(0, -1);
  const cuts: number[] = [];
  for (let bin = 1; bin < MAX_BINS; bin++) {
    const value = sample[Math.floor((bin * sample.length) / MAX_BINS)]!;
    if (value !== cuts.at(-1) && value !== distinct.at(-1)) cuts.push(value);
  }
  return Float32Array.from(cuts);
}

/** The first bin whose cut is not below the value; after all cuts comes one more bin. */
function binOf(cuts: Float32Array, value: number): number {
  let low = 0;
  let high = cuts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cuts[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
