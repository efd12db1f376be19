import { useEffect, useRef } from 'react';
import type { FormEvent } from 'react';
import { severityName, t } from '../texts/texts.ts';
import { Segmented } from '../ui/segmented.tsx';
import { PositionField } from './position-field.tsx';
import { DRAFT_FIELDS, isEmptyDraft } from './report-draft.ts';
import type { DraftErrors, DraftField, ReportDraft } from './report-draft.ts';
import { DescriptionField, TypeField } from './report-fields.tsx';
import { useDraft } from './use-draft.ts';
import { useSubmit } from './use-submit.ts';
import { WhenField } from './when-field.tsx';

const SEVERITIES = [1, 2, 3, 4, 5].map((value) => ({
  value,
  className: `segment-severity segment-severity-${value}`,
  label: (
    <>
      <span className="segment-number">{value}</span>
      <span className="segment-name">{severityName(value)}</span>
    </>
  ),
}));

/** The report form. It sends nothing itself: the client stores the report, and it is safe from then on. */
export function ReportForm({ onSaved }: { onSaved: (id: string) => void }) {
  const [draft, change, clear] = useDraft();
  const { errors, failures, formError, saving, submit, mend } = useSubmit(draft, (id) => {
    clear();
    onSaved(id);
  });
  const form = useRef<HTMLFormElement>(null);

  // The keyboard goes to where something is to be mended.
  const first = DRAFT_FIELDS.find((field) => errors[field] !== undefined);
  useEffect(() => {
    if (failures > 0 && first !== undefined) focusField(form.current, first);
    // After each failed press, not when the first wrong field has been mended.
    // eslint-disable-next-line react-hooks/exhaustive-deps -- see above
  }, [failures]);
  const edit = (field: DraftField, changes: Partial<ReportDraft>) => {
    mend(field);
    change(changes);
  };

  return (
    <form
      ref={form}
      className="page report-form"
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        submit();
      }}
    >
      <h1>{draft.resendOf === undefined ? t.report : t.editResend}</h1>
      <TypeField value={draft.type} error={errors.type} onChange={(type) => edit('type', { type })} />
      <Segmented
        id="field-severity"
        className="severity-field"
        legend={t.severity}
        segments={SEVERITIES}
        value={draft.severity}
        error={errors.severity}
        errorId="error-severity"
        onChange={(severity) => edit('severity', { severity })}
      />
      <PositionField
        value={draft.position}
        error={errors.position}
        onChange={(position) => edit('position', { position })}
      />
      <WhenField draft={draft} error={errors.when} onChange={(when) => edit('when', when)} />
      <DescriptionField
        value={draft.description}
        error={errors.description}
        onChange={(description) => edit('description', { description })}
      />
      <div className="form-end">
        <p className="form-error" role="alert">
          {formError ?? summary(errors)}
        </p>
        <button type="submit" className="button button-main" aria-disabled={saving}>
          {saving ? t.saving : draft.resendOf === undefined ? t.send : t.resend}
        </button>
        {!isEmptyDraft(draft) && (
          <button type="button" className="link" onClick={clear}>
            {t.clearForm}
          </button>
        )}
      </div>
    </form>
  );
}

function summary(errors: DraftErrors): string | undefined {
  const count = Object.keys(errors).length;
  return count === 0 ? undefined : t.fixErrors(count);
}

function focusField(form: HTMLFormElement | null, field: keyof DraftErrors): void {
  const element = form?.querySelector<HTMLElement>(`#field-${field}`);
  element?.focus({ preventScroll: true });
  element?.scrollIntoView({ block: 'center' });
}
