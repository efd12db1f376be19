import { useMemo } from 'react';
import { useLive } from '@halo/client/react';
import { useOpenSession } from '../device/session-context.tsx';
import { useAreas } from '../region/areas.ts';
import { fullTime, percent } from '../texts/format.ts';
import { t, typeName } from '../texts/texts.ts';
import { isAreaOnly, placeName } from './incident.ts';
import { RuleMatch } from './rule-match.tsx';

const words = t.incidentsView;

const COLUMNS = 'e.id, e.type, e.occurred_at, e.region, e.municipality, e.district, e.location_precision';
const MATCHED_SQL = `SELECT ${COLUMNS}, NULL::float8 AS probability FROM incidents e WHERE e.matched_to = $1 ORDER BY e.id`;
/** What may be it, too, and of an official event the incidents that it may be: for officers. */
const CANDIDATES_SQL = `SELECT ${COLUMNS}, m.probability FROM incident_matches m
  JOIN incidents e ON e.id = CASE WHEN m.incident_id = $1 THEN m.official_id ELSE m.incident_id END
  WHERE $1 IN (m.incident_id, m.official_id) AND m.state = 'candidate' ORDER BY m.probability DESC, e.id`;
const NOTHING_SQL = `SELECT ${COLUMNS}, NULL::float8 AS probability FROM incidents e WHERE $1::uuid IS NULL`;

type EventRow = {
  readonly id: string;
  readonly type: string;
  readonly occurred_at: Date;
  readonly region: string | null;
  readonly municipality: string | null;
  readonly district: string | null;
  readonly location_precision: string;
  readonly probability: number | null;
};

/** The official event of the area that an incident is, and for officers those that it may be. */
export function OfficialEvents({
  incidentId,
  onSelect,
}: {
  incidentId: string;
  onSelect: (id: string) => void;
}) {
  const { role } = useOpenSession();
  const params = useMemo(() => [incidentId], [incidentId]);
  const matched = useLive<EventRow>(MATCHED_SQL, params) ?? [];
  const candidates = useLive<EventRow>(role === 'reporter' ? NOTHING_SQL : CANDIDATES_SQL, params) ?? [];
  const areas = useAreas();
  const events = [...matched, ...candidates];
  if (events.length === 0) return null;
  return (
    <ul className="history">
      {events.map((event) => (
        <li key={event.id}>
          <strong>
            {event.probability === null
              ? words.officialEvent
              : isAreaOnly(event)
                ? words.maybeOfficial(percent(event.probability))
                : words.maybeReported(percent(event.probability))}
          </strong>
          <time className="card-time" dateTime={event.occurred_at.toISOString()}>
            {fullTime(event.occurred_at)}
          </time>
          <p className="comment-text">
            {typeName(event.type)} · {placeName(event, areas)}
          </p>
          {event.probability !== null && (
            <RuleMatch incidentId={incidentId} otherId={event.id} onShow={() => onSelect(event.id)} />
          )}
        </li>
      ))}
    </ul>
  );
}
