import { arch, cpus, totalmem } from 'node:os';
import type { Figure } from './read-bench.ts';

/** Percentiles of a series of durations, in milliseconds. */
export interface Summary {
  readonly n: number;
  readonly p50: number;
  readonly p99: number;
}

/** Times `count` runs of `work`, after `warmUp` runs that do not count. */
export async function measure(
  count: number,
  warmUp: number,
  work: (run: number) => Promise<void>,
): Promise<Summary> {
  const durations: number[] = [];
  for (let run = -warmUp; run < count; run += 1) {
    const startedAt = performance.now();
    await work(run + warmUp);
    if (run >= 0) durations.push(performance.now() - startedAt);
  }
  return summarise(durations);
}

/** Nearest-rank percentiles. */
export function summarise(durations: readonly number[]): Summary {
  const sorted = durations.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN;
  return { n: sorted.length, p50: at(0.5), p99: at(0.99) };
}

/** What the figures were measured on, in one line. */
export function machine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'} (${arch()}), ${memory} GiB, Node ${process.versions.node}`;
}

/** One line of the table. */
export interface Row {
  readonly name: string;
  readonly summary: Summary;
  /** What the p50 is compared with; absent on the lines that make up the floor. */
  readonly floorMs?: number;
}

/** Lays rows out as a table with the ratio of each p50 to its floor. */
export function table(rows: readonly Row[]): string {
  const head = ['case', 'n', 'p50 ms', 'p99 ms', 'floor ms', 'ratio'];
  const lines = rows.map(({ name, summary, floorMs }) => [
    name,
    String(summary.n),
    summary.p50.toFixed(2),
    summary.p99.toFixed(2),
    floorMs?.toFixed(2) ?? '',
    floorMs === undefined ? '' : `${(summary.p50 / floorMs).toFixed(1)} ×`,
  ]);
  return layOut([head, ...lines]);
}

/** Lays figures out as a table, each beside its floor and its goal. */
export function figures(found: readonly Figure[]): string {
  const head = ['case', 'result', 'unit', 'floor', 'of floor', 'goal', 'the floor is'];
  const lines = found.map(({ name, value, unit, floor, goal }) => [
    name,
    plain(value),
    unit,
    floor === undefined ? '' : plain(floor.value),
    floor === undefined ? '' : `${(value / floor.value).toFixed(2)} ×`,
    goal ?? '',
    floor?.what ?? '',
  ]);
  return layOut([head, ...lines]);
}

function plain(value: number): string {
  return value >= 1_000 ? Math.round(value).toString() : value.toFixed(2);
}

/** The first line is the head, the first column text. */
function layOut(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const format = (line: readonly string[]) =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  ');
  return [lines[0]!, widths.map((width) => '-'.repeat(width)), ...lines.slice(1)].map(format).join('\n');
}
