import { useEffect, useRef, useState } from 'react';
import { errorText, t } from '../texts/texts.ts';
import { wayBack } from '../ui/way-back.ts';
import { useAttempt } from './use-attempt.ts';

/** One of the choices of a form. */
export interface Choice {
  readonly id: string;
  readonly label: string;
}

/** Some are chosen, and a press decides about them. */
export function HandForm({
  title,
  lead,
  choices,
  most,
  tooMany,
  act,
  onAct,
  onBack,
}: {
  title: string;
  lead: string;
  choices: readonly Choice[];
  most: number;
  tooMany: string;
  act: string;
  onAct: (ids: readonly string[]) => Promise<void>;
  onBack: () => void;
}) {
  const { attempt, busy, error } = useAttempt();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const form = useRef<HTMLFormElement>(null);
  const hasChoices = choices.length > 0;
  // What opened it has gone; the keyboard goes on here.
  useEffect(() => form.current?.querySelector<HTMLElement>('input, button')?.focus(), [hasChoices]);
  const leave = () => {
    const goBack = wayBack();
    onBack();
    goBack();
  };
  const decide = async (chosenIds: readonly string[]) => {
    const goBack = wayBack();
    if (!(await attempt(() => onAct(chosenIds)))) return;
    onBack();
    goBack();
  };
  const ids = choices.map(({ id }) => id).filter((id) => chosen.has(id));
  const isTooMany = ids.length > most;
  const mayAct = ids.length > 0 && !isTooMany && !busy;
  const toggle = (id: string, on: boolean) =>
    setChosen((before) => new Set(on ? [...before, id] : [...before].filter((other) => other !== id)));
  return (
    <form
      ref={form}
      className="field hand-groups"
      aria-label={title}
      onSubmit={(event) => {
        event.preventDefault();
        if (mayAct) void decide(ids);
      }}
    >
      <p className="field-hint">{lead}</p>
      {choices.map(({ id, label }) => (
        <Check key={id} label={label} checked={chosen.has(id)} onChange={(on) => toggle(id, on)} />
      ))}
      <p className="field-error" role="alert">
        {isTooMany ? tooMany : error === undefined ? '' : errorText(error.code, error.message)}
      </p>
      <div className="report-actions">
        {hasChoices && (
          <button type="submit" className="button button-small" aria-disabled={!mayAct}>
            {busy ? t.working : act}
          </button>
        )}
        <button type="button" className="button button-small button-quiet" onClick={leave}>
          {t.cancel}
        </button>
      </div>
    </form>
  );
}

function Check({
  label,
  checked,
  onChange,
}: {
  label: string;
  checked: boolean;
  onChange: (on: boolean) => void;
}) {
  return (
    <label className="decision">
      <input type="checkbox" checked={checked} onChange={({ target }) => onChange(target.checked)} />
      <span>{label}</span>
    </label>
  );
}
