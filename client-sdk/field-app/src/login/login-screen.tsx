import { useEffect, useRef, useState } from 'react';
import type { FormEvent } from 'react';
import { useAppParts } from '../device/session-context.tsx';
import { t } from '../texts/texts.ts';
import { AccountForm } from './account-form.tsx';
import { checkAccount, placeError } from './check-account.ts';
import type { AccountErrors, AccountInput } from './check-account.ts';

/**
 * Log-in and registration. What was typed is kept when something is wrong, and when one goes over to the
 * other. With `email` it is a log-in anew to that account, which can be put off.
 */
export function LoginScreen({ email, onLater }: { email?: string; onLater?: () => void }) {
  const { session } = useAppParts();
  const [registering, setRegistering] = useState(false);
  const [input, setInput] = useState<AccountInput>({ displayName: '', email: email ?? '', password: '' });
  const [errors, setErrors] = useState<AccountErrors>({});
  const [formError, setFormError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);

  // The keyboard goes to where something is to be mended.
  useEffect(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(), [errors]);

  const submit = async () => {
    const wrong = checkAccount(input, registering);
    setErrors(wrong);
    setFormError(undefined);
    if (Object.keys(wrong).length > 0) return;
    setBusy(true);
    const error = await (registering ? session.register(input) : session.logIn(input));
    setBusy(false);
    if (error === undefined) return onLater?.();
    const placed = placeError(error);
    setErrors(placed.fields);
    setFormError(placed.form);
  };

  return (
    <main className="login">
      <div className="login-card">
        <img className="login-mark" src="/icons/halo.svg" alt="" width="72" height="72" />
        <h1>{t.appName}</h1>
        <p className="login-lead">{email === undefined ? t.tagline : t.loginAgainLead}</p>
        <form
          ref={form}
          noValidate
          onSubmit={(event: FormEvent) => {
            event.preventDefault();
            if (!busy) void submit();
          }}
        >
          <AccountForm
            registering={registering}
            input={input}
            errors={errors}
            fixedEmail={email !== undefined}
            onInput={setInput}
          />
          <p className="form-error" role="alert">
            {formError}
          </p>
          <button type="submit" className="button button-main" aria-disabled={busy}>
            {busy ? t.working : registering ? t.register : t.logIn}
          </button>
        </form>
        {email === undefined && (
          <Other registering={registering} onOther={() => setRegistering(!registering)} />
        )}
        {onLater === undefined ? (
          <WithoutAccount />
        ) : (
          <button type="button" className="button button-quiet" onClick={onLater}>
            {t.continueOffline}
          </button>
        )}
      </div>
    </main>
  );
}

/** The way in for who only wants to tell what he sees; works without a network, too. */
function WithoutAccount() {
  const { session } = useAppParts();
  return (
    <section className="login-without">
      <p className="login-or">{t.own.or}</p>
      <button
        type="button"
        className="button button-quiet"
        aria-describedby="login-without-lead"
        onClick={() => void session.begin()}
      >
        {t.own.begin}
      </button>
      <p className="field-hint" id="login-without-lead">
        {t.own.beginLead}
      </p>
    </section>
  );
}

/** From logging in to registering, and back. */
function Other({ registering, onOther }: { registering: boolean; onOther: () => void }) {
  return (
    <p className="login-other">
      {registering ? t.haveAccount : t.noAccount}{' '}
      <button type="button" className="link" onClick={onOther}>
        {registering ? t.logIn : t.register}
      </button>
    </p>
  );
}
