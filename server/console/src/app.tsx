import { useEffect } from 'react';
import type { Account } from '@halo/shapes/protocol/accounts.ts';
import { LoginScreen } from './login/login-screen.tsx';
import { goTo, usePlace } from './routing/navigation.tsx';
import { pathOf } from './routing/routes.ts';
import { AccountProvider, PartsProvider, useParts, useSessionState } from './session/session-context.tsx';
import type { ConsoleParts } from './session/session-context.tsx';
import { CrashGuard } from './shell/crash-guard.tsx';
import { PageAt } from './shell/page-at.tsx';
import { Shell, isOpenTo } from './shell/shell.tsx';
import { t } from './texts/texts.ts';
import { Failed, Forbidden, Loading } from './ui/states.tsx';
import { Page } from './ui/page.tsx';

/** The whole console: the log-in, or the shell with a page. */
export function App({ parts }: { parts: ConsoleParts }) {
  return (
    <PartsProvider value={parts}>
      <Screen />
    </PartsProvider>
  );
}

function Screen() {
  const { session, follower } = useParts();
  const state = useSessionState();
  const isOut = state.at === 'out';
  useEffect(() => {
    if (isOut) follower.close();
  }, [isOut, follower]);
  switch (state.at) {
    case 'opening':
      return (
        <main className="opening">
          <Loading rows={1} />
        </main>
      );
    case 'out':
      return <LoginScreen ended={state.ended} />;
    case 'failed':
      return (
        <main className="opening">
          <Failed error={state.error} onRetry={() => void session.open()} />
        </main>
      );
    case 'in':
      return <Inside account={state.account} />;
  }
}

function Inside({ account }: { account: Account }) {
  const place = usePlace();
  const isOfficerAtStart = account.role === 'officer' && place.page === 'overview';
  useEffect(() => {
    // What officers may see begins with the map.
    if (isOfficerAtStart) goTo(pathOf('map'), 'replace');
  }, [isOfficerAtStart]);
  if (account.role === 'reporter') return <NotForReporters />;
  return (
    <AccountProvider value={account}>
      <Shell>
        <CrashGuard key={`${place.page}/${place.id}`}>
          {place.page !== undefined && !isOpenTo(place.page, account.role) ? (
            <Page title={t.pages[place.page]}>
              <Forbidden />
            </Page>
          ) : (
            <PageAt place={place} />
          )}
        </CrashGuard>
      </Shell>
    </AccountProvider>
  );
}

function NotForReporters() {
  const { session } = useParts();
  return (
    <main className="login">
      <div className="login-card">
        <h1>{t.login.notForYou}</h1>
        <p className="lead">{t.login.notForYouLead}</p>
        <a className="button button-main" href="/">
          {t.login.toFieldApp}
        </a>
        <button type="button" className="button" onClick={() => void session.logOut()}>
          {t.logOut}
        </button>
      </div>
    </main>
  );
}
