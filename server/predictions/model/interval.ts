/** The standard normal's 90 % quantile: an 80 % interval lies between it and its negative. */
const Z_90 = 1.2815515655446004;

/** At this shape a gamma's 90 % quantile is highest beside its mean: one of more variance has it nearer again, most of it being next to 0. */
const LEAST_SHAPE = 0.27;

/** Factors that an expected count is multiplied by to get the bounds of its 80 % interval. */
export interface IntervalFactors {
  readonly lower: number;
  readonly upper: number;
}

/**
 * The bounds of an expected count that rests on about `incidents` incidents, when the true rate over the expected one has this variance
 * besides: 10 % and 90 % quantiles of a gamma distribution of mean 1 (Wilson and Hilferty 1931).
 */
export function intervalFactors(incidents: number, spread: number): IntervalFactors {
  const shape = Math.max(LEAST_SHAPE, 1 / (1 / Math.max(incidents, 0.5) + spread));
  const quantile = (z: number) => Math.max(0, 1 - 1 / (9 * shape) + z / (3 * Math.sqrt(shape))) ** 3;
  return { lower: Math.min(1, quantile(-Z_90)), upper: Math.max(1, quantile(Z_90)) };
}

/**
 * How many incidents a kernel's estimate rests on: the square of its mean over its variance, each incident of a column adding its weight
 * times the column's unit.
 */
export function restsOn(
  kernel: Float64Array,
  units: Float64Array,
  values: Float32Array,
  offset: number,
): number {
  let [mean, variance] = [0, 0];
  for (let n = 0; n < kernel.length; n++) {
    const part = kernel[n]! * values[offset + n]!;
    mean += part;
    variance += part * kernel[n]! * units[n]!;
  }
  return variance > 0 ? (mean * mean) / variance : 0;
}
