import type { Overview } from '@halo/shapes/protocol/inspector.ts';
import { useChoice } from '../routing/navigation.tsx';
import { t } from '../texts/texts.ts';
import { Page, Section } from '../ui/page.tsx';
import { Show } from '../ui/states.tsx';
import { LagChart, OutboxChart, StatesChart, WalChart } from './history-charts.tsx';
import { rangeOf, stepsOf } from './history.ts';
import type { Range } from './history.ts';
import { MutationsChart } from './mutations-chart.tsx';
import { useOverview } from './overview-feed.tsx';
import { OutboxAges } from './outbox-ages.tsx';
import { OverviewTiles } from './overview-tiles.tsx';
import { RangeChoice } from './range-choice.tsx';
import { SilenceChart } from './silence-chart.tsx';
import { useHistory } from './use-history.ts';
import { VerdictStrip } from './verdict-strip.tsx';
import { Verdict } from './verdict.tsx';

/** Is anything wrong, since when, and for whom. */
export function OverviewPage() {
  const loaded = useOverview();
  const [choice, choose] = useChoice('range');
  const range = rangeOf(choice);
  return (
    <Page title={t.pages.overview} lead={t.overview.lead}>
      <Show of={loaded} rows={8}>
        {(overview) => (
          <>
            <Verdict overview={overview} />
            <OverviewTiles overview={overview} />
            <div className="range-row">
              <h2>{t.overview.history}</h2>
              <RangeChoice range={range} onChange={choose} />
            </div>
            <HistoryCharts range={range} overview={overview} />
            <h2>{t.overview.devicesNow}</h2>
            <div className="columns">
              <SilenceChart />
              <OutboxAges />
            </div>
          </>
        )}
      </Show>
    </Page>
  );
}

function HistoryCharts({ range, overview }: { range: Range; overview: Overview }) {
  // By the server's clock: a browser's may be hours off.
  const loaded = useHistory(range, Date.parse(overview.at));
  return (
    <Show of={loaded} rows={8}>
      {(history) => {
        const steps = stepsOf(history);
        return (
          <div className="history" aria-busy={loaded.isOld}>
            <Section title={t.overview.charts.verdicts} lead={t.overview.charts.verdictsLead}>
              <VerdictStrip steps={steps} />
            </Section>
            <div className="columns columns-filled">
              <StatesChart steps={steps} overview={overview} />
              <LagChart steps={steps} overview={overview} />
              <MutationsChart steps={steps} />
              <OutboxChart steps={steps} overview={overview} />
              <WalChart steps={steps} />
            </div>
          </div>
        );
      }}
    </Show>
  );
}
