import { useMemo } from 'react';
import { useLive } from '@halo/client/react';
import { useOpenSession } from '../device/session-context.tsx';
import { fullTime } from '../texts/format.ts';
import { t } from '../texts/texts.ts';

const words = t.incidentsView;
const MAX_STEPS = 100;

/** Officers see who and why; everybody sees what and when. */
const OFFICERS_SQL = `
  SELECT id, from_state, to_state, note, made_at, actor_id IS NOT NULL AS by_officer FROM incident_transitions
  WHERE incident_id = $1 ORDER BY made_at DESC, id DESC LIMIT ${MAX_STEPS}`;
const EVERYBODYS_SQL = `
  SELECT id, from_state, to_state, '' AS note, made_at, NULL::bool AS by_officer FROM incident_history
  WHERE incident_id = $1 ORDER BY made_at DESC, id DESC LIMIT ${MAX_STEPS}`;

type StepRow = {
  readonly id: string;
  readonly from_state: string;
  readonly to_state: string;
  readonly note: string;
  readonly made_at: Date;
  readonly by_officer: boolean | null;
};

/** What has become of an incident, the newest first. */
export function IncidentHistory({ incidentId }: { incidentId: string }) {
  const { role } = useOpenSession();
  const params = useMemo(() => [incidentId], [incidentId]);
  const steps = useLive<StepRow>(role === 'reporter' ? EVERYBODYS_SQL : OFFICERS_SQL, params);
  if (steps === undefined) return null;
  return (
    <section className="details-part" aria-label={words.history}>
      <h3>{words.history}</h3>
      {steps.length === 0 && <p className="field-hint">{words.noHistory}</p>}
      <ol className="history">
        {steps.map(({ id, from_state, to_state, note, made_at, by_officer }) => (
          <li key={id}>
            <strong>{words.fromTo(stateName(from_state), stateName(to_state))}</strong>
            <span className="card-time">
              {by_officer !== null && `${by_officer ? words.byOfficer : words.byReports} · `}
              <time dateTime={made_at.toISOString()}>{fullTime(made_at)}</time>
            </span>
            {note !== '' && <p className="comment-text">{note}</p>}
          </li>
        ))}
      </ol>
    </section>
  );
}

const stateName = (state: string) =>
  state in words.states ? words.states[state as keyof typeof words.states] : state;
