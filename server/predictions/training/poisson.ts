/** The Poisson deviance of one count, 2 (y ln(y / μ) − (y − μ)): 0 where the count is what was expected. */
export function poissonDeviance(count: number, expected: number): number {
  const logTerm = count > 0 ? count * Math.log(count / expected) : 0;
  return 2 * (logTerm - (count - expected));
}

/** The weighted mean deviance of rows whose expected counts have these logarithms. */
export function meanDeviance(
  {
    rows,
    counts,
    weights,
  }: { readonly rows: number; readonly counts: Float32Array; readonly weights: Float32Array },
  margins: Float64Array,
): number {
  let sum = 0;
  let weight = 0;
  for (let row = 0; row < rows; row++) {
    sum += weights[row]! * poissonDeviance(counts[row]!, Math.exp(margins[row]!));
    weight += weights[row]!;
  }
  return weight === 0 ? 0 : sum / weight;
}
