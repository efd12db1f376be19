import { useState, useSyncExternalStore } from 'react';
import { t } from '../texts/texts.ts';
import type { Updates } from './updates.ts';

/** Offers a new version, quietly; "later" holds until the app is opened again. */
export function UpdateOffer({ updates }: { updates: Updates }) {
  const ready = useSyncExternalStore(updates.subscribe, updates.ready);
  const [later, setLater] = useState(false);
  const shown = ready && !later;
  return (
    <div className={shown ? 'update-offer update-offer-shown' : 'update-offer'} role="status">
      {shown && (
        <>
          <span>{t.updateReady}</span>
          <button type="button" className="button button-small" onClick={updates.apply}>
            {t.updateNow}
          </button>
          <button type="button" className="link" onClick={() => setLater(true)}>
            {t.updateLater}
          </button>
        </>
      )}
    </div>
  );
}
