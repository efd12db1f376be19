import { useState } from 'react';
import { useAreas } from '../region/areas.ts';
import type { Areas } from '../region/areas.ts';
import { fullTime, timeAgo } from '../texts/format.ts';
import { severityName, t, typeName } from '../texts/texts.ts';
import { useNow } from '../ui/use-now.ts';
import type { IncidentRow } from './incident.ts';
import { placeName } from './incident.ts';
import { VerificationChip } from './verification-chip.tsx';

/** Rows drawn at first, and added by each press of "more": a phone draws this many without a stutter. */
const PAGE_ROWS = 60;

/** The incidents as a list, each a button that opens its details. */
export function IncidentList({
  incidents,
  onSelect,
}: {
  incidents: readonly IncidentRow[];
  onSelect: (id: string) => void;
}) {
  const [shown, setShown] = useState(PAGE_ROWS);
  const areas = useAreas();
  const nowMs = useNow();
  if (incidents.length === 0) {
    return (
      <div className="empty">
        <h2>{t.noIncidents}</h2>
        <p>{t.noIncidentsLead}</p>
      </div>
    );
  }
  return (
    <>
      <ul className="cards" aria-label={t.incidents}>
        {incidents.slice(0, shown).map((incident) => (
          <li key={incident.id}>
            <IncidentItem incident={incident} areas={areas} nowMs={nowMs} onSelect={onSelect} />
          </li>
        ))}
      </ul>
      {incidents.length > shown && (
        <button type="button" className="button button-quiet" onClick={() => setShown(shown + PAGE_ROWS)}>
          {t.showMore}
        </button>
      )}
    </>
  );
}

function IncidentItem({
  incident,
  areas,
  nowMs,
  onSelect,
}: {
  incident: IncidentRow;
  areas: Areas;
  nowMs: number;
  onSelect: (id: string) => void;
}) {
  const { id, type, severity, occurred_at, verification, report_count } = incident;
  return (
    <button type="button" className="card" onClick={() => onSelect(id)} data-incident={id}>
      <SeverityBadge severity={severity} />
      <span className="card-main">
        <span className="card-head">
          <span className="card-title">{typeName(type)}</span>
          <time className="card-time" dateTime={occurred_at.toISOString()} title={fullTime(occurred_at)}>
            {timeAgo(occurred_at, nowMs)}
          </time>
        </span>
        <span className="card-place">{placeName(incident, areas)}</span>
        <span className="card-notes">
          <VerificationChip state={verification} />
          {report_count > 1 && <span className="card-count">{t.reports(report_count)}</span>}
        </span>
      </span>
    </button>
  );
}

/** The severity as a number on its colour, with its name for those who do not see it. */
export function SeverityBadge({ severity }: { severity: number }) {
  return (
    <span className={`severity severity-${severity}`}>
      <span aria-hidden="true">{severity}</span>
      <span className="visually-hidden">{severityName(severity)}:</span>
    </span>
  );
}
