import type { Overview } from '@halo/shapes/protocol/inspector.ts';
import { language } from '../texts/language.ts';
import { t, wordFor } from '../texts/texts.ts';
import { Age } from '../ui/age.tsx';
import { Icon } from '../ui/icon.tsx';
import { Page } from '../ui/page.tsx';
import { Show } from '../ui/states.tsx';
import { LagChart, StatesChart } from './look-charts.tsx';
import { MutationsChart } from './mutations-chart.tsx';
import { useOverview } from './overview-feed.tsx';
import { OutboxAges } from './outbox-ages.tsx';
import { OverviewTiles } from './overview-tiles.tsx';
import { SilenceChart } from './silence-chart.tsx';
import { verdictTone } from './verdict-tone.ts';

/** Is anything wrong, since when, and for whom. */
export function OverviewPage() {
  const loaded = useOverview();
  return (
    <Page title={t.pages.overview} lead={t.overview.lead}>
      <Show of={loaded} rows={8}>
        {(overview) => (
          <>
            <Verdict overview={overview} />
            <OverviewTiles overview={overview} />
            <div className="columns">
              <SilenceChart />
              <MutationsChart />
              <StatesChart />
              <LagChart />
              <OutboxAges />
            </div>
          </>
        )}
      </Show>
    </Page>
  );
}

function Verdict({ overview: { verdict, findings, at } }: { overview: Overview }) {
  const tone = verdictTone(verdict);
  return (
    <section className={`verdict verdict-${tone}`} aria-labelledby="verdict">
      <Icon name={tone === 'good' ? 'check' : 'alert'} size={26} />
      <div role="status">
        <h2 id="verdict">{wordFor(t.overview.verdicts, verdict)}</h2>
        {findings.length === 0 ? (
          <p>{verdict === 'well' ? t.overview.wellLead : null}</p>
        ) : (
          <ul>
            {findings.map(({ code, text, textSv }) => (
              <li key={`${code} ${text}`}>{language === 'sv' ? textSv : text}</li>
            ))}
          </ul>
        )}
      </div>
      <span className="verdict-age">
        <Age at={at} />
      </span>
    </section>
  );
}
