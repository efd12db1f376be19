import { useId, useState } from 'react';
import { useHalo, useOutbox } from '@halo/client/react';
import type { IncidentState } from '@halo/client';
import { useKeptText } from '../device/use-kept.ts';
import { errorText, t } from '../texts/texts.ts';
import { rejectedAbout } from './decisions.ts';
import { RejectedEntry } from './rejected-entry.tsx';
import { useAttempt } from './use-attempt.ts';

const words = t.incidentsView;
/** The schema's own bound. */
const MAX_NOTE = 1_000;

/** An officer's decision: what is legal now, with a note; and those that were not accepted. */
export function DecideForm({
  incidentId,
  options,
}: {
  incidentId: string;
  options: readonly IncidentState[];
}) {
  const halo = useHalo();
  const id = useId();
  const [chosen, setChosen] = useState<IncidentState>();
  const { value: note, change, forget } = useKeptText(`note ${incidentId}`);
  const { attempt, busy, error } = useAttempt();
  const rejected = rejectedAbout(useOutbox(), incidentId, ['incident.transition']);
  // What was legal when it was chosen may not be any more.
  const to = chosen !== undefined && options.includes(chosen) ? chosen : undefined;
  const decide = async () => {
    if (to === undefined || busy) return;
    if (!(await attempt(() => halo.transitionIncident(incidentId, to, { note })))) return;
    setChosen(undefined);
    forget();
  };
  return (
    <section className="details-part" aria-label={words.decide}>
      <h3>{words.decide}</h3>
      {rejected.map((entry) => (
        <RejectedEntry key={entry.id} entry={entry} what={decisionName(entry.args)} again={words.repeat} />
      ))}
      {options.length > 0 && (
        <form
          className="field"
          onSubmit={(event) => {
            event.preventDefault();
            void decide();
          }}
        >
          <p className="field-hint">{words.decideHint}</p>
          <Options options={options} chosen={to} onChoose={setChosen} />
          {to !== undefined && (
            <>
              <label className="field-label" htmlFor={id}>
                {words.note}
              </label>
              <textarea
                className="input"
                id={id}
                rows={2}
                maxLength={MAX_NOTE}
                value={note}
                onChange={({ target }) => change(() => target.value)}
              />
              <button type="submit" className="button button-main" aria-disabled={busy}>
                {words.decisions[to]}
              </button>
            </>
          )}
          {error !== undefined && (
            <p className="field-error" role="alert">
              {errorText(error.code, error.message)}
            </p>
          )}
        </form>
      )}
    </section>
  );
}

function Options({
  options,
  chosen,
  onChoose,
}: {
  options: readonly IncidentState[];
  chosen: IncidentState | undefined;
  onChoose: (to: IncidentState) => void;
}) {
  const name = useId();
  return (
    <fieldset className="decisions">
      <legend className="visually-hidden">{words.decision}</legend>
      {options.map((option) => (
        <label key={option} className="decision">
          <input type="radio" name={name} checked={option === chosen} onChange={() => onChoose(option)} />
          <span>{words.decisions[option]}</span>
        </label>
      ))}
    </fieldset>
  );
}

function decisionName(args: unknown): string {
  const to = String((args as { to?: unknown }).to);
  return to in words.decisions ? words.decisions[to as IncidentState] : to;
}
