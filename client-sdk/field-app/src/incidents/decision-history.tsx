import { useMemo } from 'react';
import { useLive } from '@halo/client/react';
import type { IncidentState } from '@halo/client';
import { fullTime } from '../texts/format.ts';
import { t } from '../texts/texts.ts';

const words = t.incidentsView;
const MAX_DECISIONS = 100;

const HISTORY_SQL = `
  SELECT id, from_state, to_state, note, made_at FROM incident_transitions
  WHERE incident_id = $1 ORDER BY made_at DESC, id DESC LIMIT ${MAX_DECISIONS}`;

type DecisionRow = {
  readonly id: string;
  readonly from_state: string;
  readonly to_state: string;
  readonly note: string;
  readonly made_at: Date;
};

/** What officers have decided about an incident, the newest first. */
export function DecisionHistory({ incidentId }: { incidentId: string }) {
  const params = useMemo(() => [incidentId], [incidentId]);
  const decisions = useLive<DecisionRow>(HISTORY_SQL, params);
  if (decisions === undefined) return null;
  return (
    <section className="details-part" aria-label={words.history}>
      <h3>{words.history}</h3>
      {decisions.length === 0 && <p className="field-hint">{words.noHistory}</p>}
      <ol className="history">
        {decisions.map(({ id, from_state, to_state, note, made_at }) => (
          <li key={id}>
            <strong>{words.fromTo(stateName(from_state), stateName(to_state))}</strong>
            <time className="card-time" dateTime={made_at.toISOString()}>
              {fullTime(made_at)}
            </time>
            {note !== '' && <p className="comment-text">{note}</p>}
          </li>
        ))}
      </ol>
    </section>
  );
}

const stateName = (state: string) => (state in words.states ? words.states[state as IncidentState] : state);
