import { LineChart } from '../charts/line-chart.tsx';
import { count, duration, measure } from '../texts/format.ts';
import { t } from '../texts/texts.ts';
import { Section } from '../ui/page.tsx';
import { useLooks } from './overview-feed.tsx';

const words = t.overview.charts;
const STATES = [
  { state: 'live', colour: 1 },
  { state: 'behind', colour: 2 },
  { state: 'stalled', colour: 3 },
  { state: 'offline', colour: 4 },
] as const;

/** Devices by state, as this window has seen them. */
export function StatesChart() {
  const looks = useLooks();
  return (
    <Section title={words.states} lead={words.statesLead}>
      {looks.length < 2 ? (
        <p className="muted">{t.overview.gathering}</p>
      ) : (
        <LineChart
          title={words.states}
          timesMs={looks.map(({ atMs }) => atMs)}
          lines={STATES.map(({ state, colour }) => ({
            name: t.devices.states[state]!,
            colour,
            values: looks.map(({ devices }) => devices[state]),
          }))}
          format={count}
          axisFormat={count}
          whole
        />
      )}
    </Section>
  );
}

/** The lag of the instance that is furthest behind, as this window has seen it. */
export function LagChart() {
  const looks = useLooks();
  return (
    <Section title={words.lag} lead={words.lagLead}>
      {looks.length < 2 ? (
        <p className="muted">{t.overview.gathering}</p>
      ) : (
        <LineChart
          title={words.lag}
          timesMs={looks.map(({ atMs }) => atMs)}
          lines={[{ name: words.seconds, colour: 1, values: looks.map(({ lagSeconds }) => lagSeconds) }]}
          format={(seconds) => duration(seconds * 1000)}
          axisFormat={(seconds) => `${measure(seconds)} s`}
        />
      )}
    </Section>
  );
}
