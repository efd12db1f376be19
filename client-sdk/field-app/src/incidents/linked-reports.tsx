import { useMemo } from 'react';
import { useLive } from '@halo/client/react';
import { useOpenSession } from '../device/session-context.tsx';
import { fullTime } from '../texts/format.ts';
import { severityName, t, typeName } from '../texts/texts.ts';
import { HandGroups } from './hand-groups.tsx';
import type { IncidentRow } from './incident.ts';
import { OfficialEvents } from './official-events.tsx';

const words = t.incidentsView;
const MAX_REPORTS = 200;
/** Of a report's words, where it is one of several to choose from. */
const MAX_SAID = 80;

const OWN = `EXISTS (SELECT 1 FROM my_reports m WHERE m.id = r.id) AS is_own`;
const COMMON = `r.id, r.source, r.type, r.severity, r.occurred_at, ${OWN}`;
const WHERE = `WHERE r.incident_id = $1 AND r.status = 'active' ORDER BY r.occurred_at, r.id LIMIT ${MAX_REPORTS}`;
const EVERYBODYS_SQL = `SELECT ${COMMON}, '' AS description, NULL::float8 AS lat, NULL::float8 AS lon, NULL::float8 AS accuracy_m
  FROM incident_reports r ${WHERE}`;
const OFFICERS_SQL = `SELECT ${COMMON}, r.description, r.lat, r.lon, r.accuracy_m FROM incident_report_details r ${WHERE}`;

type LinkedReport = {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly severity: number;
  readonly occurred_at: Date;
  readonly is_own: boolean;
  readonly description: string;
  readonly lat: number | null;
  readonly lon: number | null;
  readonly accuracy_m: number | null;
};

/** The reports that an incident rests on, as far as one may know them, and the official event that it is. */
export function LinkedReports({
  incident,
  onSelect,
}: {
  incident: IncidentRow;
  onSelect: (id: string) => void;
}) {
  const incidentId = incident.id;
  const { role } = useOpenSession();
  const params = useMemo(() => [incidentId], [incidentId]);
  const reports = useLive<LinkedReport>(role === 'reporter' ? EVERYBODYS_SQL : OFFICERS_SQL, params);
  return (
    <section className="details-part" aria-label={words.linked}>
      <h3>{words.linked}</h3>
      {reports?.length === 0 && <p className="field-hint">{words.noneLinked}</p>}
      <ul className="history">
        {reports?.map((report) => (
          <li key={report.id}>
            <strong>{report.is_own ? words.ownReport : sourceName(report.source)}</strong>
            <time className="card-time" dateTime={report.occurred_at.toISOString()}>
              {fullTime(report.occurred_at)}
            </time>
            <p className="comment-text">
              {typeName(report.type)} · {severityName(report.severity)}
            </p>
            {report.description !== '' && <p className="comment-text">{report.description}</p>}
            {report.lat !== null && report.lon !== null && report.accuracy_m !== null && (
              <p className="field-hint">
                {words.exactly(report.lat.toFixed(5), report.lon.toFixed(5), Math.round(report.accuracy_m))}
              </p>
            )}
          </li>
        ))}
      </ul>
      <OfficialEvents incidentId={incidentId} onSelect={onSelect} />
      {role !== 'reporter' && (
        <HandGroups incident={incident} reports={(reports ?? []).map(choiceOf)} onSelect={onSelect} />
      )}
    </section>
  );
}

/** A report in one line. */
function choiceOf({ id, type, occurred_at, description }: LinkedReport) {
  const said = description.length > MAX_SAID ? `${description.slice(0, MAX_SAID)}…` : description;
  return {
    id,
    label: [typeName(type), fullTime(occurred_at), said].filter((part) => part !== '').join(' · '),
  };
}

const sourceName = (source: string) =>
  source in words.sourceNames ? words.sourceNames[source as keyof typeof words.sourceNames] : source;
