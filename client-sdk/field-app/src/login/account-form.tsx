import { useState } from 'react';
import { t } from '../texts/texts.ts';
import type { AccountErrors, AccountInput } from './check-account.ts';
import { TextField } from './text-field.tsx';

/** The fields of the log-in and registration forms. */
export function AccountForm({
  registering,
  input,
  errors,
  fixedEmail,
  onInput,
}: {
  registering: boolean;
  input: AccountInput;
  errors: AccountErrors;
  fixedEmail: boolean;
  onInput: (input: AccountInput) => void;
}) {
  const [shown, setShown] = useState(false);
  return (
    <>
      {registering && (
        <TextField
          label={t.displayName}
          name="displayName"
          autoComplete="name"
          maxLength={80}
          value={input.displayName}
          error={errors.displayName}
          onChange={(event) => onInput({ ...input, displayName: event.target.value })}
        />
      )}
      <TextField
        label={t.email}
        name="email"
        type="email"
        inputMode="email"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        readOnly={fixedEmail}
        value={input.email}
        error={errors.email}
        onChange={(event) => onInput({ ...input, email: event.target.value })}
      />
      <TextField
        label={t.password}
        name="password"
        type={shown ? 'text' : 'password'}
        autoComplete={registering ? 'new-password' : 'current-password'}
        autoCapitalize="none"
        spellCheck={false}
        value={input.password}
        error={errors.password}
        {...(registering ? { hint: t.passwordHint } : {})}
        onChange={(event) => onInput({ ...input, password: event.target.value })}
      />
      <label className="check">
        <input type="checkbox" checked={shown} onChange={(event) => setShown(event.target.checked)} />
        {t.showPassword}
      </label>
    </>
  );
}
