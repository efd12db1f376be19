import { useState } from 'react';
import type { FormEvent } from 'react';
import { MAX_SERVICE_TOKEN_DAYS, serviceTokenMadeSchema } from '@halo/shapes/protocol/service-tokens.ts';
import { SCOPES } from '@halo/shapes/taxonomy/scopes.ts';
import type { Scope } from '@halo/shapes/taxonomy/scopes.ts';
import { useParts } from '../session/session-context.tsx';
import { postJson } from '../session/use-api.ts';
import { t, wordFor } from '../texts/texts.ts';
import { Dialog } from '../ui/dialog.tsx';
import { FormEnd } from '../ui/form-end.tsx';
import { Secret } from '../ui/secret.tsx';
import { TextField } from '../ui/text-field.tsx';
import { useAttempt } from '../ui/use-attempt.ts';

const DEFAULT_DAYS = '90';

/** A way to make a service token; its secret is shown once. */
export function MakeToken({ onMade }: { onMade: () => void }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button button-main" onClick={() => setOpen(true)}>
        {t.tokens.make}
      </button>
      {isOpen && (
        <Dialog title={t.tokens.makeTitle} onClose={() => setOpen(false)}>
          <MakeForm onMade={onMade} onClose={() => setOpen(false)} />
        </Dialog>
      )}
    </>
  );
}

function MakeForm({ onMade, onClose }: { onMade: () => void; onClose: () => void }) {
  const { session } = useParts();
  const { attempt, busy, error, fault } = useAttempt();
  const [name, setName] = useState('');
  const [days, setDays] = useState(DEFAULT_DAYS);
  const [scopes, setScopes] = useState<readonly Scope[]>([]);
  const [isMissing, setMissing] = useState(false);
  const [token, setToken] = useState<string>();
  if (token !== undefined) return <Secret text={token} onClose={onClose} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setMissing(scopes.length === 0);
    if (scopes.length === 0) return;
    void attempt(async () => {
      const body = { name, scopes, expiresInDays: Number(days) };
      setToken((await postJson(session, '/api/v1/admin/service-tokens', body, serviceTokenMadeSchema)).token);
      onMade();
    });
  };
  const toggle = (scope: Scope) =>
    setScopes(scopes.includes(scope) ? scopes.filter((each) => each !== scope) : [...scopes, scope]);
  return (
    <form noValidate onSubmit={submit}>
      <TextField
        label={t.tokens.name}
        hint={t.tokens.nameHint}
        autoComplete="off"
        maxLength={80}
        value={name}
        error={fault?.field === 'name' ? error : undefined}
        onChange={(event) => setName(event.target.value)}
      />
      <fieldset className="choices">
        <legend>{t.tokens.scopes}</legend>
        {SCOPES.map((scope) => (
          <label key={scope} className="check">
            <input type="checkbox" checked={scopes.includes(scope)} onChange={() => toggle(scope)} />
            {wordFor(t.tokens.scopeWords, scope)} <code className="muted">{scope}</code>
          </label>
        ))}
      </fieldset>
      <TextField
        label={t.tokens.days}
        type="number"
        min={1}
        max={MAX_SERVICE_TOKEN_DAYS}
        value={days}
        error={fault?.field === 'expiresInDays' ? error : undefined}
        onChange={(event) => setDays(event.target.value)}
      />
      <FormEnd
        error={isMissing ? t.tokens.scopeMissing : error}
        busy={busy}
        label={t.tokens.make}
        onCancel={onClose}
      />
    </form>
  );
}
