import { useState } from 'react';
import { useAppParts } from '../device/session-context.tsx';
import { draftOfArgs, formOfAnew } from '../report/report-draft.ts';
import { goTo } from '../shell/route.ts';
import { fullTime, timeAgo } from '../texts/format.ts';
import { t } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';
import { useNow } from '../ui/use-now.ts';
import { wayBack } from '../ui/way-back.ts';
import { entryWords } from './entry-words.ts';
import { Reason } from './reason.tsx';
import { useRejectedElsewhere } from './use-rejected-elsewhere.ts';
import type { RejectedRow } from './use-rejected-elsewhere.ts';
import { useReportTypes } from './use-report-types.ts';

/** Drawn at first, and added by each press of "more". */
const PAGE_ROWS = 20;

/** What the server did not take from the account's other devices: to be read here, and mended there. */
export function RejectedElsewhere() {
  const [limit, setLimit] = useState(PAGE_ROWS);
  const { rows, total, hide } = useRejectedElsewhere(limit);
  const reportType = useReportTypes(rows);
  const nowMs = useNow();
  if (total === 0) return null;
  return (
    <section className="elsewhere" aria-labelledby="elsewhere">
      <h2 id="elsewhere">{t.queue.elsewhere}</h2>
      <p className="lead">{t.queue.elsewhereLead}</p>
      {total > rows.length && (
        <p className="queue-count" role="status">
          {t.life.shown(rows.length, total)}
        </p>
      )}
      <ul className="cards">
        {rows.map((row) => (
          <li key={row.id}>
            <Rejected row={row} reportType={reportType} nowMs={nowMs} onHide={() => hide(row.id)} />
          </li>
        ))}
      </ul>
      {total > limit && (
        <button type="button" className="button button-quiet" onClick={() => setLimit(limit + PAGE_ROWS)}>
          {t.showMore}
        </button>
      )}
    </section>
  );
}

function Rejected({
  row,
  reportType,
  nowMs,
  onHide,
}: {
  row: RejectedRow;
  reportType: (id: string) => string | undefined;
  nowMs: number;
  onHide: () => void;
}) {
  const { preferences } = useAppParts();
  const { title, detail } = entryWords(row, reportType);
  const hide = () => {
    const goBack = wayBack();
    onHide();
    goBack();
  };
  const anew = () => {
    const form = formOfAnew(row.id);
    // What was begun of it before goes on.
    if (preferences.draft(form) === undefined) {
      preferences.setDraft(form, JSON.stringify(draftOfArgs(row.args)));
    }
    goTo('report', { form });
  };
  return (
    <article className="card card-flat" data-elsewhere={row.id}>
      <div className="card-main">
        <div className="card-head">
          <h3 className="card-title">{title}</h3>
          <time
            className="card-time"
            dateTime={row.settled_at.toISOString()}
            title={fullTime(row.settled_at)}
          >
            {timeAgo(row.settled_at, nowMs)}
          </time>
        </div>
        {detail !== undefined && <p className="card-text">{detail}</p>}
        <p className="report-state report-state-rejected">
          <Icon name="alert" size={18} /> {t.queue.rejectedElsewhere}
        </p>
        <div className="refused">
          <Reason
            code={row.code ?? 'unknown'}
            message={row.message ?? undefined}
            field={row.field ?? undefined}
          />
          <div className="report-actions">
            {row.type === 'report.create' && (
              <button type="button" className="button button-small" onClick={anew}>
                {t.queue.anew}
              </button>
            )}
            <button type="button" className="button button-small button-quiet" onClick={hide}>
              {t.queue.hide}
            </button>
          </div>
        </div>
      </div>
    </article>
  );
}
