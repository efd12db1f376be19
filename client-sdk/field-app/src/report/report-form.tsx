import { useEffect, useRef } from 'react';
import type { FormEvent } from 'react';
import type { Queued } from '@halo/client';
import { useKept } from '../device/use-kept.ts';
import { goTo } from '../shell/route.ts';
import { t } from '../texts/texts.ts';
import { DraftFields, errorSummary, focusField } from './draft-fields.tsx';
import { DRAFT_FIELDS, EMPTY_DRAFT, REPORT_FORM, draftSchema } from './report-draft.ts';
import type { DraftField, ReportDraft } from './report-draft.ts';
import { useMeasuredPosition } from './use-measured-position.ts';
import { useSubmit } from './use-submit.ts';

/** The form of this name, for a report. It sends nothing itself: the client stores the report, and it is safe from then on. */
export function ReportForm({ name, onSaved }: { name: string; onSaved: (saved: Queued) => void }) {
  const { value: draft, change, forget, isBegun } = useKept(name, draftSchema, EMPTY_DRAFT);
  // A place that was chosen stays; until then it is where the device is at the moment of sending.
  const measured = useMeasuredPosition(draft.position === undefined);
  const whole = draft.position === undefined ? { ...draft, position: measured } : draft;
  const { errors, failures, formError, saving, submit, mend } = useSubmit(whole, (saved) => {
    forget();
    onSaved(saved);
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
    change((before) => ({ ...before, ...changes }));
  };
  const clear = () => {
    forget();
    if (name !== REPORT_FORM) goTo('report');
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
      <DraftFields draft={draft} errors={errors} measured={measured} onEdit={edit} />
      <div className="form-end">
        <p className="form-error" role="alert">
          {formError ?? errorSummary(errors)}
        </p>
        <button type="submit" className="button button-main" aria-disabled={saving}>
          {saving ? t.saving : draft.resendOf === undefined ? t.send : t.resend}
        </button>
      </div>
      {isBegun && (
        <button type="button" className="link" onClick={clear}>
          {t.clearForm}
        </button>
      )}
    </form>
  );
}
