import { useState } from 'react';
import { useOpenSession } from '../device/session-context.tsx';
import { RegionPicker } from '../region/region-picker.tsx';
import { t } from '../texts/texts.ts';
import { Sheet } from '../ui/sheet.tsx';
import { KeepReports } from './keep-reports.tsx';
import { LogOut } from './log-out.tsx';
import { OwnData } from './own-data.tsx';

/** Who uses the app, the county to follow, the way to what is kept here and at the server, and the way out. */
export function AccountSheet({ onClose, onStatus }: { onClose: () => void; onStatus: () => void }) {
  const { email, region } = useOpenSession();
  // It stays for as long as the sheet is open, to say that it went well.
  const [begunWithout] = useState(email === undefined);
  return (
    <Sheet title={t.account} onClose={onClose}>
      <p className="account-who">
        {email === undefined ? (
          t.own.noAccount
        ) : (
          <>
            {t.signedInAs} <strong>{email}</strong>
          </>
        )}
      </p>
      {begunWithout && <KeepReports />}
      <h3>{t.changeRegion}</h3>
      <RegionPicker current={region} onChosen={onClose} />
      <button type="button" className="button button-quiet" onClick={onStatus}>
        {t.connection.title}
      </button>
      <OwnData />
      <LogOut />
    </Sheet>
  );
}
