import type { Overview } from '@halo/shapes/protocol/inspector.ts';
import type { HistoryPoint } from '@halo/shapes/protocol/sync-history.ts';
import { LineChart } from '../charts/line-chart.tsx';
import { bytes, count, duration, fullTime, short } from '../texts/format.ts';
import { t, wordFor } from '../texts/texts.ts';
import { Section } from '../ui/page.tsx';
import type { Steps } from './history.ts';
import { lagNow } from './lag-now.ts';

const words = t.overview.charts;
const STATES = [
  { state: 'live', colour: 1 },
  { state: 'behind', colour: 2 },
  { state: 'stalled', colour: 3 },
  { state: 'offline', colour: 4 },
] as const;

/** One measure over the steps, and what it is now where that is known. */
function valuesOf(
  { points }: Steps,
  of: (point: HistoryPoint) => number | null,
  now: number | null | undefined,
): (number | undefined)[] {
  const values = points.map((point) => (point === undefined ? undefined : (of(point) ?? undefined)));
  return now === undefined ? values : [...values, now ?? undefined];
}

const timesOf = ({ timesMs }: Steps, { at }: Overview) => [...timesMs, Date.parse(at)];

/** Devices by state. */
export function StatesChart({ steps, overview }: { steps: Steps; overview: Overview }) {
  return (
    <Section title={words.states} lead={words.statesLead}>
      <LineChart
        title={words.states}
        timesMs={timesOf(steps, overview)}
        lines={STATES.map(({ state, colour }) => ({
          name: wordFor(t.devices.states, state),
          colour,
          values: valuesOf(steps, ({ devices }) => devices[state], overview.devices[state]),
        }))}
        format={count}
        axisFormat={count}
        whole
      />
    </Section>
  );
}

const lagText = (seconds: number) => (seconds === 0 ? t.overview.caughtUp : duration(seconds * 1000));

/** The lag of the instance that is furthest behind. */
export function LagChart({ steps, overview }: { steps: Steps; overview: Overview }) {
  const worst = steps.points.reduce<HistoryPoint | undefined>(
    (most, point) => ((point?.lag.seconds ?? 0) > (most?.lag.seconds ?? 0) ? point : most),
    undefined,
  );
  return (
    <Section title={words.lag} lead={words.lagLead}>
      <LineChart
        title={words.lag}
        timesMs={timesOf(steps, overview)}
        lines={[
          {
            name: words.seconds,
            colour: 1,
            values: valuesOf(steps, ({ lag }) => lag.seconds, lagNow(overview)),
          },
        ]}
        format={lagText}
        axisFormat={(seconds) => `${short(seconds)} s`}
      />
      {worst?.lag.seconds != null && (
        <p className="muted">
          {words.worstLag(
            lagText(worst.lag.seconds),
            fullTime(Date.parse(worst.at)),
            worst.lag.instance ?? t.none,
          )}
        </p>
      )}
    </Section>
  );
}

/** What waits on devices, and what they were refused. */
export function OutboxChart({ steps, overview }: { steps: Steps; overview: Overview }) {
  const line = (name: 'pending' | 'rejected', colour: number) => ({
    name: words.outbox[name],
    colour,
    values: valuesOf(steps, ({ outbox }) => outbox[name], overview.outbox[name]),
  });
  return (
    <Section title={words.outboxes} lead={words.outboxesLead}>
      <LineChart
        title={words.outboxes}
        timesMs={timesOf(steps, overview)}
        lines={[line('pending', 1), line('rejected', 3)]}
        format={count}
        axisFormat={count}
        whole
      />
    </Section>
  );
}

/** WAL that Postgres keeps for the instance that confirms last. */
export function WalChart({ steps }: { steps: Steps }) {
  return (
    <Section title={words.wal} lead={words.walLead}>
      <LineChart
        title={words.wal}
        timesMs={steps.timesMs}
        lines={[
          {
            name: words.walKept,
            colour: 5,
            values: valuesOf(steps, ({ retainedBytes }) => retainedBytes, undefined),
          },
        ]}
        format={bytes}
        axisFormat={bytes}
      />
    </Section>
  );
}
