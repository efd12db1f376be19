/** How well groups that were found agree with the true ones. */
export interface Agreement {
  /** Of all pairs put together, the part that belongs together; 1 where none was. */
  readonly precision: number;
  /** Of all pairs that belong together, the part that was put together. */
  readonly recall: number;
  /** Harmonic mean of B-cubed precision and recall (Bagga and Baldwin 1998): of each report, how pure and how whole its group is. */
  readonly bCubedF1: number;
}

/** Compares groups with the truth, given by the group and the event of each report. */
export function agreement(
  reports: readonly { readonly group: number; readonly event: number | string }[],
): Agreement {
  const groups = new Map<number, number>();
  const events = new Map<number | string, number>();
  const both = new Map<string, number>();
  const keyOf = ({ group, event }: { readonly group: number; readonly event: number | string }) =>
    `${group} ${event}`;
  for (const report of reports) {
    groups.set(report.group, (groups.get(report.group) ?? 0) + 1);
    events.set(report.event, (events.get(report.event) ?? 0) + 1);
    both.set(keyOf(report), (both.get(keyOf(report)) ?? 0) + 1);
  }
  const right = pairsIn(both.values());
  const found = pairsIn(groups.values());
  const wanted = pairsIn(events.values());
  let [pure, whole] = [0, 0];
  for (const report of reports) {
    const shared = both.get(keyOf(report)) ?? 0;
    pure += shared / (groups.get(report.group) ?? 1);
    whole += shared / (events.get(report.event) ?? 1);
  }
  const [precision, recall] = [pure / reports.length, whole / reports.length];
  return {
    precision: found === 0 ? 1 : right / found,
    recall: wanted === 0 ? 1 : right / wanted,
    bCubedF1: (2 * precision * recall) / (precision + recall),
  };
}

function pairsIn(sizes: Iterable<number>): number {
  let pairs = 0;
  for (const size of sizes) pairs += (size * (size - 1)) / 2;
  return pairs;
}
