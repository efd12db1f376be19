import { useAreas } from '../region/areas.ts';
import type { Areas } from '../region/areas.ts';
import { distance, fullTime, timeAgo } from '../texts/format.ts';
import { severityName, t, typeName } from '../texts/texts.ts';
import { useNow } from '../ui/use-now.ts';
import type { IncidentRow } from './incident.ts';
import { placeName } from './incident.ts';
import { QueuedNote } from './queued-note.tsx';
import { VerificationChip } from './verification-chip.tsx';

/** The incidents as a list, each a button that opens its details. */
export function IncidentList({
  incidents,
  onSelect,
}: {
  incidents: readonly (IncidentRow & { readonly distance_m?: number | null })[];
  onSelect: (id: string) => void;
}) {
  const areas = useAreas();
  const nowMs = useNow();
  return (
    <ul className="cards" aria-label={t.incidents}>
      {incidents.map((incident) => (
        <li key={incident.id}>
          <IncidentItem incident={incident} areas={areas} nowMs={nowMs} onSelect={onSelect} />
        </li>
      ))}
    </ul>
  );
}

function IncidentItem({
  incident,
  areas,
  nowMs,
  onSelect,
}: {
  incident: IncidentRow & { readonly distance_m?: number | null };
  areas: Areas;
  nowMs: number;
  onSelect: (id: string) => void;
}) {
  const { id, type, severity, occurred_at, status, verification, report_count, distance_m, sync_state } =
    incident;
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
        <span className="card-place">
          {placeName(incident, areas)}
          {distance_m != null && ` · ${t.incidentsView.away(distance(distance_m))}`}
        </span>
        <span className="card-notes">
          <VerificationChip state={verification} />
          {status === 'closed' && <span className="chip">{t.incidentsView.closedState}</span>}
          {sync_state === 'queued' && <QueuedNote />}
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
