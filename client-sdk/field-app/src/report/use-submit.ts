import { useState } from 'react';
import type { Queued } from '@halo/client';
import { useReport } from '@halo/client/react';
import { errorText, t } from '../texts/texts.ts';
import { checkDraft, fieldOf } from './report-draft.ts';
import type { DraftErrors, DraftField, DraftToCheck } from './report-draft.ts';

const NO_ERRORS: DraftErrors = {};

/**
 * Gives a draft to the client; `onSaved` hears of it once the device has it for good. `failures`
 * counts the presses that something was wrong with.
 */
export function useSubmit(draft: DraftToCheck, onSaved: (saved: Queued) => void) {
  const { report, resend, saving } = useReport();
  const [errors, setErrors] = useState(NO_ERRORS);
  const [formError, setFormError] = useState<string>();
  const [failures, setFailures] = useState(0);

  const refuse = (wrong: DraftErrors) => {
    setErrors(wrong);
    setFailures((count) => count + 1);
  };

  const save = async () => {
    const checked = checkDraft(draft, Date.now());
    setFormError(undefined);
    if ('errors' in checked) return refuse(checked.errors);
    setErrors(NO_ERRORS);
    const { resendOf } = draft;
    const outcome =
      resendOf === undefined ? await report(checked.report) : await resend(resendOf, checked.report);
    if (!('error' in outcome)) return onSaved(outcome);
    const { code, message, field } = outcome.error;
    const wrong = fieldOf(field);
    const words = t.saveFailed(errorText(code, message));
    if (wrong === undefined) setFormError(words);
    else refuse({ [wrong]: words });
  };
  const submit = () => {
    if (!saving) void save();
  };
  /** What is being mended is no longer called wrong. */
  const mend = (field: DraftField) =>
    setErrors((before) => {
      const { [field]: _mended, ...others } = before;
      return others;
    });
  return { errors, failures, formError, saving, submit, mend };
}
