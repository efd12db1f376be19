import { useState } from 'react';
import { useStatus } from '@halo/client/react';
import { useAppParts, useOpenSession } from '../device/session-context.tsx';
import { errorText, t } from '../texts/texts.ts';

/** Logging out needs a second, explicit press where unsent reports are lost, or the only way back to what was reported. */
export function LogOut() {
  const { session } = useAppParts();
  const { email } = useOpenSession();
  const { outbox } = useStatus();
  const [asked, setAsked] = useState(false);
  const [error, setError] = useState<string>();
  const unsent = outbox.pending + outbox.rejected;
  const leave = async () => {
    try {
      await session.logOut(unsent > 0 ? { unsent: 'discard' } : {});
    } catch (fault) {
      const { code, message } = fault as { code?: string; message?: string };
      setError(errorText(code ?? 'unknown', message));
      setAsked(true);
    }
  };
  const isForGood = email === undefined;
  const mustAsk = (unsent > 0 || isForGood) && !asked;
  const warns = asked && (unsent > 0 || isForGood);
  return (
    <section className="log-out">
      <p className={warns ? 'field-error' : 'field-hint'} role="status">
        {warns ? warning(unsent, isForGood) : t.logOutClears}
      </p>
      <p className="form-error" role="alert">
        {error}
      </p>
      <button
        type="button"
        className={asked ? 'button button-danger' : 'button button-quiet'}
        onClick={mustAsk ? () => setAsked(true) : () => void leave()}
      >
        {warns ? (unsent > 0 ? t.logOutAnyway : t.own.logOutForGoodAnyway) : t.logOut}
      </button>
    </section>
  );
}

function warning(unsent: number, isForGood: boolean): string {
  const words = [unsent > 0 ? t.logOutUnsent(unsent) : '', isForGood ? t.own.logOutForGood : ''];
  return words.filter(Boolean).join(' ');
}
