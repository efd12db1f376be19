import { useEffect, useRef, useState } from 'react';
import { useHalo, useStatus } from '@halo/client/react';
import { useAppParts, useOpenSession } from '../device/session-context.tsx';
import { TextField } from '../login/text-field.tsx';
import { t } from '../texts/texts.ts';
import { useAttempt } from '../ui/use-attempt.ts';
import { wayBack } from '../ui/way-back.ts';
import { saveFile } from './save-file.ts';

const words = t.own;
const EXPORT_NAME = 'halo-export.json';

/** What a person may ask of who keeps something of him: a copy of it, and to be forgotten. */
export function OwnData() {
  const { network } = useStatus();
  const isOffline = network === 'offline';
  return (
    <section className="own-part" aria-label={words.dataTitle}>
      <h3>{words.dataTitle}</h3>
      {isOffline && <p className="field-hint">{words.needsNetwork}</p>}
      <Export />
      <Erase />
    </section>
  );
}

function Export() {
  const halo = useHalo();
  const { attempt, busy, error } = useAttempt();
  const [done, setDone] = useState(false);
  const save = async () => {
    setDone(false);
    const went = await attempt(async () => {
      const all = await halo.request('GET', '/api/v1/auth/me/export');
      saveFile(EXPORT_NAME, JSON.stringify(all, null, 2));
    });
    setDone(went);
  };
  return (
    <>
      <p className="field-hint">{words.exportLead}</p>
      <button type="button" className="button button-quiet" aria-disabled={busy} onClick={() => void save()}>
        {busy ? words.exporting : words.export}
      </button>
      <p className={error === undefined ? 'own-done' : 'form-error'} role="status">
        {error ?? (done ? words.exported : undefined)}
      </p>
    </>
  );
}

/** The first press tells what goes and what stays; who has an account says the password again. */
function Erase() {
  const [asked, setAsked] = useState(false);
  return asked ? (
    <EraseForm
      onBack={() => {
        const goBack = wayBack();
        setAsked(false);
        goBack();
      }}
    />
  ) : (
    <button type="button" className="button button-quiet" onClick={() => setAsked(true)}>
      {words.erase}
    </button>
  );
}

function EraseForm({ onBack }: { onBack: () => void }) {
  const { session } = useAppParts();
  const { email } = useOpenSession();
  const { outbox } = useStatus();
  const { attempt, busy, error } = useAttempt();
  const [password, setPassword] = useState('');
  const back = useRef<HTMLButtonElement>(null);
  // Never on what cannot be undone.
  useEffect(() => back.current?.focus(), []);
  const unsent = outbox.pending + outbox.rejected;
  const erase = () => attempt(() => session.erase(email === undefined ? undefined : password));
  return (
    <form
      aria-label={words.erase}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (email === undefined || password !== '') void erase();
      }}
    >
      <p>{words.eraseLead}</p>
      <p className="field-error" role="alert">
        {words.eraseQuestion} {unsent > 0 && words.eraseUnsent(unsent)}
      </p>
      {email !== undefined && (
        <TextField
          label={words.erasePassword}
          type="password"
          autoComplete="current-password"
          value={password}
          error={error}
          onChange={({ target }) => setPassword(target.value)}
        />
      )}
      {email === undefined && (
        <p className="form-error" role="alert">
          {error}
        </p>
      )}
      <button
        type="submit"
        className="button button-danger"
        aria-disabled={busy || (email !== undefined && password === '')}
      >
        {busy ? words.erasing : words.eraseYes}
      </button>
      <button ref={back} type="button" className="button button-quiet" onClick={onBack}>
        {t.cancel}
      </button>
    </form>
  );
}
