import { useMemo, useState } from 'react';
import { useLive, useStatus } from '@halo/client/react';
import { MAX_ENTRIES, useOutboxPage } from '../queue/use-outbox-page.ts';
import { useAreas } from '../region/areas.ts';
import { goTo, hashOf, useRouteParam } from '../shell/route.ts';
import { t } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';
import { Skeletons } from '../ui/skeletons.tsx';
import { useNow } from '../ui/use-now.ts';
import { MyReport } from './my-report.tsx';
import { MY_REPORTS_SQL, mergeReports } from './report-item.ts';
import type { MyReportRow } from './report-item.ts';
import { ReportSheet } from './report-sheet.tsx';

/** Most reports of one's own that are listed, the newest. */
const MAX_REPORTS = 500;
/** Reports drawn at first, and added by each press of "more". */
const PAGE_REPORTS = 40;
const NEWEST_SQL = `${MY_REPORTS_SQL} ORDER BY r.id DESC LIMIT ${MAX_REPORTS}`;
const NO_PARAMS: readonly unknown[] = [];

/** What one has reported, and what became of each. */
export function MyReports() {
  const rows = useLive<MyReportRow>(NEWEST_SQL, NO_PARAMS);
  const entries = useOutboxPage(MAX_ENTRIES, 0);
  const { replica } = useStatus();
  const areas = useAreas();
  const nowMs = useNow();
  const [shown, setShown] = useState(PAGE_REPORTS);
  const openId = useRouteParam('report');
  // While the replica opens nothing is known yet of what was delivered.
  const known = entries !== undefined && (rows !== undefined || replica.state === 'unavailable');
  const items = useMemo(() => mergeReports(rows, entries), [rows, entries]);
  const open = items.find(({ id }) => id === openId);
  return (
    <section className="page">
      <h1>{t.mine}</h1>
      <QueueLink />
      {items.length === 0 && known && (
        <div className="empty">
          <h2>{t.noReports}</h2>
          <p>{t.noReportsLead}</p>
          <a className="button button-main" href={hashOf('report')}>
            {t.report}
          </a>
        </div>
      )}
      <ul className="cards">
        {items.slice(0, shown).map((item) => (
          <li key={item.id}>
            <MyReport item={item} place={areas.find(item.municipality)?.name} nowMs={nowMs} />
          </li>
        ))}
      </ul>
      {items.length > shown && (
        <button type="button" className="button button-quiet" onClick={() => setShown(shown + PAGE_REPORTS)}>
          {t.showMore}
        </button>
      )}
      {!known && <Skeletons rows={3} />}
      {open !== undefined && (
        <ReportSheet
          key={open.id}
          item={open}
          place={areas.find(open.municipality)?.name}
          onClose={() => goTo('mine')}
        />
      )}
    </section>
  );
}

/** The way to everything that waits or was rejected, where there is anything. */
function QueueLink() {
  const { outbox } = useStatus();
  if (outbox.pending + outbox.rejected === 0) return null;
  return (
    <a className={outbox.rejected > 0 ? 'queue-link queue-link-alert' : 'queue-link'} href={hashOf('queue')}>
      <Icon name={outbox.rejected > 0 ? 'alert' : 'clock'} size={20} />
      <span>{t.queue.link(outbox.pending, outbox.rejected)}</span>
    </a>
  );
}
