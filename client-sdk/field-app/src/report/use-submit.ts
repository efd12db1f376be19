import { useState } from 'react';
import { useOpenSession } from '../device/session-context.tsx';
import { errorText, t } from '../texts/texts.ts';
import { checkDraft, fieldOf } from './report-draft.ts';
import type { DraftErrors, ReportDraft } from './report-draft.ts';

const NO_ERRORS: DraftErrors = {};

/** Gives a draft to the client; `onSaved` hears of the report's id once the device has it for good. */
export function useSubmit(draft: ReportDraft, onSaved: (id: string) => void) {
  const { halo } = useOpenSession();
  const [errors, setErrors] = useState(NO_ERRORS);
  const [formError, setFormError] = useState<string>();
  const [saving, setSaving] = useState(false);

  const save = async () => {
    const checked = checkDraft(draft, Date.now());
    setFormError(undefined);
    if ('errors' in checked) return setErrors(checked.errors);
    setErrors(NO_ERRORS);
    setSaving(true);
    try {
      const { resendOf } = draft;
      const { id } =
        resendOf === undefined
          ? await halo.report(checked.report)
          : await halo.outbox.resend(resendOf, checked.report);
      onSaved(id);
    } catch (fault) {
      const { code, message, field } = fault as { code?: string; message?: string; field?: string };
      const wrong = fieldOf(field);
      const words = t.saveFailed(errorText(code ?? 'unknown', message));
      if (wrong === undefined) setFormError(words);
      else setErrors({ [wrong]: words });
      setSaving(false);
    }
  };
  const submit = () => {
    if (!saving) void save();
  };
  return { errors, formError, saving, submit };
}
