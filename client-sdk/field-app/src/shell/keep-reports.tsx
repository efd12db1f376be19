import { useEffect, useRef, useState } from 'react';
import { useAppParts, useOpenSession } from '../device/session-context.tsx';
import { AccountForm } from '../login/account-form.tsx';
import { checkAccount, placeError } from '../login/check-account.ts';
import type { AccountErrors, AccountInput } from '../login/check-account.ts';
import { t } from '../texts/texts.ts';
import { wayBack } from '../ui/way-back.ts';

const words = t.own;
const EMPTY: AccountInput = { displayName: '', email: '', password: '' };

/** For who has begun without an account: makes one, with all that was reported. */
export function KeepReports() {
  const { email } = useOpenSession();
  const [open, setOpen] = useState(false);
  return (
    <section className="own-part" aria-label={words.keepTitle}>
      <h3>{words.keepTitle}</h3>
      {email !== undefined ? (
        <p className="own-done" role="status">
          {words.keepDone}
        </p>
      ) : (
        <>
          <p className="field-hint">{words.keepLead}</p>
          {open ? (
            <ClaimForm />
          ) : (
            <button type="button" className="button" onClick={() => setOpen(true)}>
              {words.keep}
            </button>
          )}
        </>
      )}
    </section>
  );
}

function ClaimForm() {
  const { session } = useAppParts();
  const [input, setInput] = useState(EMPTY);
  const [errors, setErrors] = useState<AccountErrors>({});
  const [formError, setFormError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  // The keyboard goes to where something is to be written or mended.
  useEffect(() => {
    const wrong = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    (wrong ?? form.current?.querySelector('input'))?.focus();
  }, [errors]);
  const submit = async () => {
    const wrong = checkAccount(input, true);
    setFormError(undefined);
    if (Object.keys(wrong).length > 0) return setErrors(wrong);
    setBusy(true);
    const goBack = wayBack();
    const error = await session.claim(input);
    if (error === undefined) return goBack();
    setBusy(false);
    const placed = placeError(error);
    setErrors(placed.fields);
    setFormError(placed.form);
  };
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void submit();
      }}
    >
      <AccountForm registering input={input} errors={errors} fixedEmail={false} onInput={setInput} />
      <p className="form-error" role="alert">
        {formError}
      </p>
      <button type="submit" className="button button-main" aria-disabled={busy}>
        {busy ? t.working : words.keep}
      </button>
    </form>
  );
}
