import type { OutboxEntry, ReportChangesInput } from '@halo/client';
import { useLive } from '@halo/client/react';
import { differencesOf } from '../reports/differences.ts';
import { MY_REPORTS_SQL } from '../reports/report-item.ts';
import type { MyReportRow } from '../reports/report-item.ts';
import { t } from '../texts/texts.ts';

const ONE_SQL = `${MY_REPORTS_SQL} WHERE r.id = $1`;

/** A change that another device's change got in the way of: both versions beside each other, and the choice. */
export function Conflict({ entry, onKeepMine }: { entry: OutboxEntry; onKeepMine: () => void }) {
  // The server forgets what it rejected long ago.
  const { reportId, changes } = (entry.args ?? {}) as { reportId?: string; changes?: ReportChangesInput };
  const now = useLive<MyReportRow>(ONE_SQL, [reportId ?? null])?.[0];
  if (now === undefined || changes === undefined) return null;
  const differences = differencesOf(changes, now);
  return (
    <div className="conflict" data-testid="conflict">
      <p>{differences.length === 0 ? t.life.conflictSame : t.life.conflict}</p>
      {differences.map(({ field, yours, now: theirs }) => (
        <div key={field} className="conflict-field">
          <p className="conflict-name">{t.queue.fields[field]}</p>
          <dl className="conflict-sides">
            <div>
              <dt>{t.life.conflictYours}</dt>
              <dd>{yours}</dd>
            </div>
            <div>
              <dt>{t.life.conflictNow}</dt>
              <dd>{theirs}</dd>
            </div>
          </dl>
        </div>
      ))}
      {differences.length > 0 && (
        <button type="button" className="button button-small" onClick={onKeepMine}>
          {t.life.conflictKeepMine}
        </button>
      )}
    </div>
  );
}
