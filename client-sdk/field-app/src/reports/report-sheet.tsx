import { useHalo } from '@halo/client/react';
import { SeverityBadge } from '../incidents/incident-list.tsx';
import { entryWords } from '../queue/entry-words.ts';
import { RefusedEntry } from '../queue/refused-entry.tsx';
import { areaNames, useAreas } from '../region/areas.ts';
import { hashOf } from '../shell/route.ts';
import { fullTime } from '../texts/format.ts';
import { severityName, t, typeName } from '../texts/texts.ts';
import { AskTwice } from '../ui/ask-twice.tsx';
import { Sheet } from '../ui/sheet.tsx';
import { useAttempt } from '../ui/use-attempt.ts';
import { wayBack } from '../ui/way-back.ts';
import { fieldWords } from './differences.ts';
import type { ReportItem } from './report-item.ts';
import { useMyReport } from './use-my-reports.ts';
import { ReportVersions } from './report-versions.tsx';
import { StageLine } from './stage-line.tsx';

/** All of one's own report: what it says, what became of it, what it said before; and its changing and withdrawing. */
export function ReportSheet({ id, onClose }: { id: string; onClose: () => void }) {
  const { item, rejected, isKnown } = useMyReport(id);
  const areas = useAreas();
  if (item === undefined && !isKnown) return null;
  if (item === undefined) {
    return (
      <Sheet title={t.life.details} onClose={onClose}>
        <p>{t.life.gone}</p>
      </Sheet>
    );
  }
  const { type, severity, occurredAt, row, refused } = item;
  const place = areaNames(areas, [item.district, item.municipality]);
  return (
    <Sheet title={typeName(type)} onClose={onClose}>
      {severity !== undefined && (
        <p className="details-lead">
          <SeverityBadge severity={severity} />
          <span>{severityName(severity)}</span>
        </p>
      )}
      <div className="report-stage">
        <StageLine item={item} />
      </div>
      <dl className="facts">
        {occurredAt !== undefined && (
          <>
            <dt>{t.happened}</dt>
            <dd>{fullTime(occurredAt)}</dd>
          </>
        )}
        {row !== undefined && (
          <>
            <dt>{t.place}</dt>
            <dd>
              {place}
              <span className="fact-note">{fieldWords('location', row)}</span>
            </dd>
          </>
        )}
        {row?.version != null && (
          <>
            <dt>{t.life.version}</dt>
            <dd>{row.version}</dd>
          </>
        )}
      </dl>
      {item.description !== '' && <p className="card-text">{item.description}</p>}
      {refused !== undefined && <RefusedEntry entry={refused} />}
      {rejected.map((entry) => (
        <section key={entry.id} className="refused-change">
          <h3>{entryWords(entry, () => type).title}</h3>
          <RefusedEntry entry={entry} />
        </section>
      ))}
      {mayChange(item) && <ReportActions id={item.id} canAmend={row !== undefined} />}
      {row?.version != null && row.version > 1 && <ReportVersions row={row} />}
    </Sheet>
  );
}

/** Not what is withdrawn, is to be, or never became a report. */
function mayChange({ stage, changes }: ReportItem): boolean {
  if (stage === 'withdrawn' || stage === 'rejected') return false;
  return !changes.some(({ type, state }) => type === 'report.withdraw' && state === 'pending');
}

/** A report that only the outbox knows can be withdrawn; to change it its form must know what it says. */
function ReportActions({ id, canAmend }: { id: string; canAmend: boolean }) {
  const halo = useHalo();
  const { error, attempt } = useAttempt();
  const withdraw = async () => {
    const goBack = wayBack();
    if (await attempt(() => halo.withdrawReport(id))) goBack();
  };
  return (
    <div className="sheet-actions">
      {canAmend && (
        <a className="button button-small" href={hashOf('amend', { report: id })}>
          {t.life.amend}
        </a>
      )}
      <AskTwice
        label={t.life.withdraw}
        question={t.life.withdrawSure}
        yes={t.life.withdrawYes}
        no={t.life.keep}
        onYes={() => void withdraw()}
      />
      <p className="field-error" role="status">
        {error}
      </p>
    </div>
  );
}
