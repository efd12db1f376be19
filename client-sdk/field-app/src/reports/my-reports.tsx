import { useState } from 'react';
import { useStatus } from '@halo/client/react';
import { useRejectedElsewhere } from '../queue/use-rejected-elsewhere.ts';
import { areaNames, useAreas } from '../region/areas.ts';
import { goTo, hashOf, useRouteParam } from '../shell/route.ts';
import { t } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';
import { Skeletons } from '../ui/skeletons.tsx';
import { useNow } from '../ui/use-now.ts';
import { MyReport } from './my-report.tsx';
import { ReportSheet } from './report-sheet.tsx';
import { RestoreNote } from './restore-note.tsx';
import { useMyReports } from './use-my-reports.ts';

/** Reports drawn at first, and added by each press of "more". */
const PAGE_REPORTS = 40;

/** What one has reported, and what became of each. */
export function MyReports() {
  const [limit, setLimit] = useState(PAGE_REPORTS);
  const { items, total } = useMyReports(limit);
  const areas = useAreas();
  const nowMs = useNow();
  const openId = useRouteParam('report');
  return (
    <section className="page">
      <h1>{t.mine}</h1>
      <QueueLink />
      <RestoreNote />
      {total === 0 && (
        <div className="empty">
          <h2>{t.noReports}</h2>
          <p>{t.noReportsLead}</p>
          <a className="button button-main" href={hashOf('report')}>
            {t.report}
          </a>
        </div>
      )}
      {total !== undefined && total > PAGE_REPORTS && (
        <p className="queue-count" role="status">
          {t.life.shown(items.length, total)}
        </p>
      )}
      <ul className="cards">
        {items.map((item) => (
          <li key={item.id}>
            <MyReport
              item={item}
              place={areaNames(areas, [item.district, item.municipality])}
              nowMs={nowMs}
            />
          </li>
        ))}
      </ul>
      {total !== undefined && total > limit && (
        <button type="button" className="button button-quiet" onClick={() => setLimit(limit + PAGE_REPORTS)}>
          {t.showMore}
        </button>
      )}
      {total === undefined && <Skeletons rows={3} />}
      {openId !== undefined && <ReportSheet key={openId} id={openId} onClose={() => goTo('mine')} />}
    </section>
  );
}

/** The way to everything that waits or was rejected, on whatever device, where there is anything. */
function QueueLink() {
  const { outbox } = useStatus();
  const elsewhere = useRejectedElsewhere(1).total;
  if (outbox.pending + outbox.rejected + elsewhere === 0) return null;
  const alert = outbox.rejected + elsewhere > 0;
  return (
    <a className={alert ? 'queue-link queue-link-alert' : 'queue-link'} href={hashOf('queue')}>
      <Icon name={alert ? 'alert' : 'clock'} size={20} />
      <span>{t.queue.link(outbox.pending, outbox.rejected, elsewhere)}</span>
    </a>
  );
}
