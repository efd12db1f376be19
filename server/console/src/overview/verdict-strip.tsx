import { VERDICTS } from '@halo/shapes/protocol/inspector.ts';
import type { Overview } from '@halo/shapes/protocol/inspector.ts';
import { StateStrip } from '../charts/state-strip.tsx';
import { count } from '../texts/format.ts';
import { t, wordFor } from '../texts/texts.ts';
import { spansOf } from './history.ts';
import type { Steps } from './history.ts';

const words = t.overview.charts;
const UNKNOWN = { name: words.notWritten, colour: 4 };
const COLOURS: Readonly<Record<Overview['verdict'], number>> = {
  well: 1,
  needs_a_look: 6,
  devices_need_a_look: 2,
  replication_behind: 5,
  needs_action: 7,
  replication_down: 3,
};
const entryOf = (verdict: Overview['verdict']) => ({
  name: wordFor(t.overview.verdicts, verdict),
  colour: COLOURS[verdict],
});

/** What was wrong, from when to when. */
export function VerdictStrip({ steps: { timesMs, points, stepMs } }: { steps: Steps }) {
  const verdicts = points.map((point) => point?.verdict);
  const spans = spansOf(timesMs, stepMs, verdicts);
  const wrong = spans.filter(({ value }) => value !== undefined && value !== 'well');
  return (
    <StateStrip
      title={words.verdicts}
      spans={spans.map(({ fromMs, toMs, value }) => ({
        ...{ fromMs, toMs, standsOut: value !== undefined && value !== 'well' },
        ...(value === undefined ? UNKNOWN : entryOf(value)),
      }))}
      legend={[...VERDICTS.map(entryOf), UNKNOWN]}
      summary={words.verdictsSummary(wrong.length, count(wrong.length))}
    />
  );
}
