import { useState } from 'react';
import { useAppParts, useOpenSession } from '../device/session-context.tsx';
import { SeverityBadge } from '../incidents/incident-list.tsx';
import { draftOfRejected } from '../report/report-draft.ts';
import { goTo } from '../shell/route.ts';
import { fullTime, timeAgo } from '../texts/format.ts';
import { errorText, t, typeName } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';
import type { IconName } from '../ui/icon.tsx';
import type { ReportItem, ReportState } from './report-item.ts';

const STATES: Record<ReportState, { words: string; icon: IconName }> = {
  queued: { words: t.stateQueued, icon: 'clock' },
  delivered: { words: t.stateDelivered, icon: 'check' },
  rejected: { words: t.stateRejected, icon: 'alert' },
  withdrawn: { words: t.stateWithdrawn, icon: 'close' },
};

/** One report of one's own, with what became of it. */
export function MyReport({
  item,
  place,
  nowMs,
}: {
  item: ReportItem;
  place: string | undefined;
  nowMs: number;
}) {
  const { type, severity, occurredAt, description, state } = item;
  return (
    <article className="card card-still" data-report={item.id} data-state={state}>
      {severity !== undefined && <SeverityBadge severity={severity} />}
      <div className="card-main">
        <div className="card-head">
          <h2 className="card-title">{typeName(type)}</h2>
          {occurredAt !== undefined && (
            <time className="card-time" dateTime={occurredAt.toISOString()} title={fullTime(occurredAt)}>
              {timeAgo(occurredAt, nowMs)}
            </time>
          )}
        </div>
        {place !== undefined && <p className="card-place">{place}</p>}
        {description !== '' && <p className="card-text">{description}</p>}
        <p className={`report-state report-state-${state}`}>
          <Icon name={STATES[state].icon} size={18} /> {STATES[state].words}
        </p>
        {state === 'rejected' && <Rejected item={item} />}
      </div>
    </article>
  );
}

/** Why it was not accepted, and what can be done: mend it, or throw it away after a second press. */
function Rejected({ item }: { item: ReportItem }) {
  const { halo } = useOpenSession();
  const { preferences } = useAppParts();
  const [sure, setSure] = useState(false);
  const [error, setError] = useState<string>();
  const edit = () => {
    preferences.setDraft(JSON.stringify(draftOfRejected(item.id, item.args)));
    goTo('report');
  };
  const discard = async () => {
    try {
      await halo.outbox.discard(item.id);
    } catch (fault) {
      const { code, message } = fault as { code?: string; message?: string };
      setError(errorText(code ?? 'unknown', message));
    }
  };
  const { code, message } = item.rejection ?? { code: 'unknown', message: '' };
  return (
    <>
      <p className="report-reason">{errorText(code, message)}</p>
      <div className="report-actions">
        <button type="button" className="button button-small" onClick={edit}>
          {t.editResend}
        </button>
        <button
          type="button"
          className={sure ? 'button button-small button-danger' : 'button button-small button-quiet'}
          onClick={() => (sure ? void discard() : setSure(true))}
        >
          {t.discard}
        </button>
      </div>
      <p className="field-error" role="status">
        {error ?? (sure ? t.discardSure : undefined)}
      </p>
    </>
  );
}
