import { useMemo } from 'react';
import { useOutbox, useLive, useStatus } from '@halo/client/react';
import { useAreas } from '../region/areas.ts';
import { hashOf } from '../shell/route.ts';
import { t } from '../texts/texts.ts';
import { Skeletons } from '../ui/skeletons.tsx';
import { useNow } from '../ui/use-now.ts';
import { MyReport } from './my-report.tsx';
import { mergeReports } from './report-item.ts';
import type { MyReportRow } from './report-item.ts';

/** Most reports of one's own that are listed, the newest. */
const MAX_REPORTS = 500;
const MY_REPORTS_SQL = `
  SELECT id, type, severity, occurred_at, description, municipality, status, sync_state
  FROM my_reports ORDER BY id DESC LIMIT ${MAX_REPORTS}`;
const NO_PARAMS: readonly unknown[] = [];

/** What one has reported, and what became of each. */
export function MyReports() {
  const rows = useLive<MyReportRow>(MY_REPORTS_SQL, NO_PARAMS);
  const entries = useOutbox();
  const { replica } = useStatus();
  const areas = useAreas();
  const nowMs = useNow();
  // While the replica opens nothing is known yet of what was delivered.
  const known = entries !== undefined && (rows !== undefined || replica.state === 'unavailable');
  const items = useMemo(() => mergeReports(rows, entries), [rows, entries]);
  return (
    <section className="page">
      <h1>{t.mine}</h1>
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
        {items.map((item) => (
          <li key={item.id}>
            <MyReport item={item} place={areas.find(item.municipality)?.name} nowMs={nowMs} />
          </li>
        ))}
      </ul>
      {!known && <Skeletons rows={3} />}
    </section>
  );
}
