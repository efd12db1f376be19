import { useState } from 'react';
import { useStatus } from '@halo/client/react';
import { useAppParts, useOpenSession } from '../device/session-context.tsx';
import { RegionPicker } from '../region/region-picker.tsx';
import { errorText, t } from '../texts/texts.ts';
import { Sheet } from '../ui/sheet.tsx';

/** Who is logged in, the county to follow, the way to what is kept here, and the way out. */
export function AccountSheet({ onClose, onStatus }: { onClose: () => void; onStatus: () => void }) {
  const { email, region } = useOpenSession();
  return (
    <Sheet title={t.account} onClose={onClose}>
      <p className="account-who">
        {t.signedInAs} <strong>{email}</strong>
      </p>
      <h3>{t.changeRegion}</h3>
      <RegionPicker current={region} onChosen={onClose} />
      <button type="button" className="button button-quiet" onClick={onStatus}>
        {t.connection.title}
      </button>
      <LogOut />
    </Sheet>
  );
}

/** Logging out with unsent reports needs a second, explicit press. */
function LogOut() {
  const { session } = useAppParts();
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
  const mustAsk = unsent > 0 && !asked;
  return (
    <section className="log-out">
      <p className={asked && unsent > 0 ? 'field-error' : 'field-hint'} role="status">
        {asked && unsent > 0 ? t.logOutUnsent(unsent) : t.logOutClears}
      </p>
      <p className="form-error" role="alert">
        {error}
      </p>
      <button
        type="button"
        className={asked ? 'button button-danger' : 'button button-quiet'}
        onClick={mustAsk ? () => setAsked(true) : () => void leave()}
      >
        {asked && unsent > 0 ? t.logOutAnyway : t.logOut}
      </button>
    </section>
  );
}
