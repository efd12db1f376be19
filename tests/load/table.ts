import type { Step } from './step.ts';

const COLUMNS: readonly (readonly [string, (step: Step) => string])[] = [
  ['devices', ({ devices }) => String(devices)],
  ['awake', ({ awake }) => awake.toFixed(0)],
  ['requests/s', ({ tally, seconds }) => (tally.requests / seconds).toFixed(0)],
  ['reports/s', ({ tally, seconds }) => (tally.reports / seconds).toFixed(1)],
  ['POST p50/95/99 ms', ({ tally }) => percentiles(tally.post, [0.5, 0.95, 0.99])],
  ['delivery p50/95/99 ms', ({ tally }) => percentiles(tally.delivery, [0.5, 0.95, 0.99])],
  ['catch-up p50/99 ms', ({ tally }) => percentiles(tally.catchUp, [0.5, 0.99])],
  ['sent away', ({ tally }) => String(tally.sentAway)],
  ['errors', ({ tally }) => [...tally.errors].map(([kind, n]) => `${kind}: ${n}`).join(', ') || '0'],
  ['server MiB', ({ usage }) => plain(usage.serverRssMib, 0)],
  ['server cores', ({ usage }) => plain(usage.serverCores, 2)],
  ['Postgres cores', ({ usage }) => plain(usage.postgresCores, 2)],
  ['driver cores', ({ usage }) => plain(usage.driverCores, 2)],
  [
    'loop p99 ms, server/driver',
    ({ usage }) => `${plain(usage.serverLoopMs, 0)}/${plain(usage.driverLoopMs, 0)}`,
  ],
];

/** Lays steps out as a table in Markdown, one line each. */
export function tableOf(steps: readonly Step[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(COLUMNS.map(([name]) => name)),
    line(COLUMNS.map(() => '---:')),
    ...steps.map((step) => line(COLUMNS.map(([, cell]) => cell(step)))),
  ].join('\n');
}

function percentiles(of: { percentile(share: number): number }, shares: readonly number[]): string {
  return shares.map((share) => plain(of.percentile(share), 0)).join('/');
}

function plain(value: number, digits: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(digits);
}
