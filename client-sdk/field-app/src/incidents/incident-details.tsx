import { useAreas } from '../region/areas.ts';
import { fullTime } from '../texts/format.ts';
import { percent } from '../texts/format.ts';
import { severityName, t, typeName } from '../texts/texts.ts';
import { Sheet } from '../ui/sheet.tsx';
import type { IncidentRow } from './incident.ts';
import { isAreaOnly, placeName } from './incident.ts';
import { SeverityBadge } from './incident-list.tsx';
import { VerificationChip } from './verification-chip.tsx';

/** All that is public about an incident. */
export function IncidentDetails({
  incident,
  onClose,
  onShowOnMap,
}: {
  incident: IncidentRow;
  onClose: () => void;
  onShowOnMap?: (() => void) | undefined;
}) {
  const areas = useAreas();
  const { type, severity, verification, confidence, occurred_at, updated_at } = incident;
  return (
    <Sheet title={typeName(type)} onClose={onClose}>
      <p className="details-lead">
        <SeverityBadge severity={severity} />
        <span>{severityName(severity)}</span>
        <VerificationChip state={verification} />
      </p>
      <dl className="facts">
        <dt>{t.happened}</dt>
        <dd>{fullTime(occurred_at)}</dd>
        <dt>{t.place}</dt>
        <dd>
          {placeName(incident, areas)}
          {isAreaOnly(incident) && <span className="fact-note">{t.areaNote}</span>}
        </dd>
        <dt>{t.confidence}</dt>
        <dd>
          {percent(confidence)}
          <span className="fact-note">{sources(incident)}</span>
        </dd>
        <dt>{t.updated}</dt>
        <dd>{fullTime(updated_at)}</dd>
      </dl>
      {onShowOnMap !== undefined && (
        <button type="button" className="button button-quiet" onClick={onShowOnMap}>
          {t.showOnMap}
        </button>
      )}
    </Sheet>
  );
}

function sources({ report_count, reporter_count, official }: IncidentRow): string {
  const parts = [t.reports(report_count)];
  if (reporter_count > 0) parts.push(t.reporters(reporter_count));
  if (official) parts.push(t.officialSource);
  return parts.join(' · ');
}
