/** Upper ends of the bands of expected counts; the last band has none. Fixed, so that weeks can be added up. */
const BAND_ENDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

/** Sums of what was expected and what was seen, in bands of what was expected: the same where a model is calibrated. */
export function reliabilityOf(
  expected: Float64Array,
  counts: Float64Array,
): readonly { readonly expected: number; readonly seen: number; readonly rows: number }[] {
  const bands = Array.from({ length: BAND_ENDS.length + 1 }, () => ({ expected: 0, seen: 0, rows: 0 }));
  expected.forEach((value, n) => {
    let band = 0;
    while (band < BAND_ENDS.length && value > BAND_ENDS[band]!) band += 1;
    bands[band]!.expected += value;
    bands[band]!.seen += counts[n]!;
    bands[band]!.rows += 1;
  });
  return bands;
}
