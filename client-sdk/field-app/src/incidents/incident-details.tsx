import { useState } from 'react';
import { useOpenSession } from '../device/session-context.tsx';
import { useAreas } from '../region/areas.ts';
import { fullTime, percent } from '../texts/format.ts';
import { severityName, t, typeName } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';
import { Sheet } from '../ui/sheet.tsx';
import { WatchSheet } from '../watches/watch-sheet.tsx';
import { Comments } from './comments.tsx';
import { DecideForm } from './decide-form.tsx';
import { decisionsFor } from './decisions.ts';
import type { IncidentRow } from './incident.ts';
import { isAreaOnly, placeName } from './incident.ts';
import { IncidentHistory } from './incident-history.tsx';
import { LinkedReports } from './linked-reports.tsx';
import { SeverityBadge } from './incident-list.tsx';
import { QueuedNote } from './queued-note.tsx';
import { VerificationChip } from './verification-chip.tsx';

const words = t.incidentsView;

/** All that may be known about an incident, and what one can do about it. */
export function IncidentDetails({
  incident,
  onClose,
  onSelect,
  onShowOnMap,
}: {
  incident: IncidentRow;
  onClose: () => void;
  onSelect: (id: string) => void;
  onShowOnMap?: (() => void) | undefined;
}) {
  const { role } = useOpenSession();
  const areas = useAreas();
  const [watching, setWatching] = useState(false);
  const { id, type, severity, status, verification, merged_into, matched_to, sync_state } = incident;
  const other = merged_into ?? matched_to;
  const place = placeName(incident, areas);
  if (watching) {
    const { lat, lon } = incident;
    const start = {
      form: `watch at ${id}`,
      name: `${typeName(type)}, ${place}`.slice(0, 80),
      place: { lat, lon },
    };
    return <WatchSheet start={start} onClose={() => setWatching(false)} />;
  }
  return (
    <Sheet title={typeName(type)} onClose={onClose}>
      <p className="details-lead">
        <SeverityBadge severity={severity} />
        <span>{severityName(severity)}</span>
        <VerificationChip state={verification} />
        {status === 'closed' && <span className="chip">{words.closedState}</span>}
        {sync_state === 'queued' && <QueuedNote />}
      </p>
      {other !== null && (
        <div className="merged-note">
          <p>{merged_into === null ? words.matchedLead : words.mergedLead}</p>
          <button type="button" className="button button-quiet" onClick={() => onSelect(other)}>
            {words.mergedShow}
          </button>
        </div>
      )}
      <Facts incident={incident} place={place} />
      <div className="details-buttons">
        {onShowOnMap !== undefined && (
          <button type="button" className="button button-quiet" onClick={onShowOnMap}>
            <Icon name="map" size={20} /> {t.showOnMap}
          </button>
        )}
        {!isAreaOnly(incident) && (
          <button type="button" className="button button-quiet" onClick={() => setWatching(true)}>
            <Icon name="pin" size={20} /> {words.watchHere}
          </button>
        )}
      </div>
      {role !== 'reporter' && <DecideForm incidentId={id} options={decisionsFor(role, incident)} />}
      <LinkedReports incident={incident} onSelect={onSelect} />
      <IncidentHistory incidentId={id} />
      <Comments incidentId={id} />
    </Sheet>
  );
}

function Facts({ incident, place }: { incident: IncidentRow; place: string }) {
  const { occurred_at, confidence, updated_at } = incident;
  return (
    <dl className="facts">
      <dt>{t.happened}</dt>
      <dd>{fullTime(occurred_at)}</dd>
      <dt>{t.place}</dt>
      <dd>
        {place}
        <span className="fact-note">{isAreaOnly(incident) ? t.areaNote : words.spotNote}</span>
      </dd>
      <dt>{t.confidence}</dt>
      <dd>
        {percent(confidence)} · {sources(incident)}
        <span className="fact-note">
          {words.confidenceNote(incident.reporter_count + (incident.official ? 1 : 0))}
        </span>
      </dd>
      <dt>{t.updated}</dt>
      <dd>{fullTime(updated_at)}</dd>
    </dl>
  );
}

function sources({ report_count, reporter_count, official }: IncidentRow): string {
  const parts = [t.reports(report_count)];
  if (reporter_count > 0) parts.push(t.reporters(reporter_count));
  if (official) parts.push(t.officialSource);
  return parts.join(' · ');
}
