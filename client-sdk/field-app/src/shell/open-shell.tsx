import { useState } from 'react';
import { HaloProvider } from '@halo/client/react';
import { useStatus } from '@halo/client/react';
import { OpenSessionProvider, useOpenSession } from '../device/session-context.tsx';
import type { SessionState } from '../device/device-session.ts';
import { LoginScreen } from '../login/login-screen.tsx';
import { RegionPicker } from '../region/region-picker.tsx';
import { t } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';
import { Banner } from './banner.tsx';
import { goTo } from './route.ts';
import { Shell } from './shell.tsx';

/** What an open device shows: the choice of a county, the shell, or a log-in anew. */
export function OpenShell({ state }: { state: SessionState & { at: 'open' } }) {
  const { halo, email, region, forecasts, role } = state;
  const [loggingIn, setLoggingIn] = useState(false);
  if (loggingIn) {
    const who = email === undefined ? {} : { email };
    return <LoginScreen {...who} onLater={() => setLoggingIn(false)} />;
  }
  const onLogIn = () => setLoggingIn(true);
  return (
    <HaloProvider halo={halo}>
      <OpenSessionProvider open={{ halo, email, region, forecasts, role }}>
        <Opened onLogIn={onLogIn} />
      </OpenSessionProvider>
    </HaloProvider>
  );
}

/** The choice of a county comes first, but never between a person and the report form: its list needs a network once. */
function Opened({ onLogIn }: { onLogIn: () => void }) {
  const { region } = useOpenSession();
  const { replica } = useStatus();
  const [reportsFirst, setReportsFirst] = useState(false);
  const mustChoose = region === undefined && replica.state !== 'unavailable' && !reportsFirst;
  if (!mustChoose) return <Shell onLogIn={onLogIn} />;
  const reportFirst = () => {
    goTo('report');
    setReportsFirst(true);
  };
  return <FirstRegion onLogIn={onLogIn} onReport={reportFirst} />;
}

function FirstRegion({ onLogIn, onReport }: { onLogIn: () => void; onReport: () => void }) {
  return (
    <div className="first-region">
      <Banner onLogIn={onLogIn} />
      <main className="page">
        <h1>{t.chooseRegion}</h1>
        <p className="lead">{t.chooseRegionLead}</p>
        <button type="button" className="button button-quiet" onClick={onReport}>
          <Icon name="plus" /> {t.own.reportFirst}
        </button>
        <RegionPicker />
      </main>
    </div>
  );
}
