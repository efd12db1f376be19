import { useState } from 'react';
import { HaloProvider } from '@halo/client/react';
import { useStatus } from '@halo/client/react';
import { OpenSessionProvider, useOpenSession } from '../device/session-context.tsx';
import type { SessionState } from '../device/device-session.ts';
import { LoginScreen } from '../login/login-screen.tsx';
import { RegionPicker } from '../region/region-picker.tsx';
import { t } from '../texts/texts.ts';
import { Banner } from './banner.tsx';
import { Shell } from './shell.tsx';

/** What an open device shows: the choice of a county, the shell, or a log-in anew. */
export function OpenShell({ state }: { state: SessionState & { at: 'open' } }) {
  const { halo, email, region, role } = state;
  const [loggingIn, setLoggingIn] = useState(false);
  if (loggingIn) return <LoginScreen email={email} onLater={() => setLoggingIn(false)} />;
  const onLogIn = () => setLoggingIn(true);
  return (
    <HaloProvider halo={halo}>
      <OpenSessionProvider open={{ halo, email, region, role }}>
        <Opened onLogIn={onLogIn} />
      </OpenSessionProvider>
    </HaloProvider>
  );
}

/** The choice of a county comes first, but never between a person and the report form. */
function Opened({ onLogIn }: { onLogIn: () => void }) {
  const { region } = useOpenSession();
  const { replica } = useStatus();
  const mustChoose = region === undefined && replica.state !== 'unavailable';
  return mustChoose ? <FirstRegion onLogIn={onLogIn} /> : <Shell onLogIn={onLogIn} />;
}

function FirstRegion({ onLogIn }: { onLogIn: () => void }) {
  return (
    <div className="first-region">
      <Banner onLogIn={onLogIn} />
      <main className="page">
        <h1>{t.chooseRegion}</h1>
        <p className="lead">{t.chooseRegionLead}</p>
        <RegionPicker />
      </main>
    </div>
  );
}
