import { useState } from 'react';
import type { FormEvent } from 'react';
import { useParts } from '../session/session-context.tsx';
import { t } from '../texts/texts.ts';
import { TextField } from '../ui/text-field.tsx';
import { useAttempt } from '../ui/use-attempt.ts';

/** The log-in; the address stays, so that one is afterwards where the link led. */
export function LoginScreen({ ended }: { ended: boolean }) {
  const { session } = useParts();
  const { attempt, busy, error } = useAttempt();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [isMissing, setMissing] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const lacks = email.trim() === '' || password === '';
    setMissing(lacks);
    if (!lacks) void attempt(() => session.logIn(email.trim(), password));
  };
  return (
    <main className="login">
      <div className="login-card">
        <img className="login-mark" src="/console/halo.svg" alt="" width="52" height="52" />
        <div>
          <h1>{t.appName}</h1>
          <p className="lead">{ended ? t.login.ended : t.tagline}</p>
        </div>
        <form noValidate onSubmit={submit}>
          <TextField
            label={t.login.email}
            name="email"
            type="email"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
          <TextField
            label={t.login.password}
            name="password"
            type="password"
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
          <p className="form-error" role="alert">
            {isMissing ? t.login.missing : error}
          </p>
          <button type="submit" className="button button-main" aria-disabled={busy}>
            {busy ? t.working : t.login.logIn}
          </button>
        </form>
      </div>
    </main>
  );
}
