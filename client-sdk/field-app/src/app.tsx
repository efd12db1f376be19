import { AppPartsProvider, useAppParts, useSessionState } from './device/session-context.tsx';
import type { AppParts } from './device/session-context.tsx';
import { LoginScreen } from './login/login-screen.tsx';
import type { Updates } from './pwa/updates.ts';
import { UpdateOffer } from './pwa/update-offer.tsx';
import { OpenShell } from './shell/open-shell.tsx';
import { errorText, t } from './texts/texts.ts';

/** The whole app: the log-in, or the shell of an open device. */
export function App({ parts, updates }: { parts: AppParts; updates: Updates }) {
  return (
    <AppPartsProvider parts={parts}>
      <Screen />
      <UpdateOffer updates={updates} />
    </AppPartsProvider>
  );
}

function Screen() {
  const state = useSessionState();
  switch (state.at) {
    case 'out':
      return <LoginScreen />;
    case 'opening':
      return (
        <main className="opening" role="status">
          <img src="/icons/halo.svg" alt="" width="72" height="72" />
          <p>{t.loading}</p>
        </main>
      );
    case 'open':
      return <OpenShell state={state} />;
    case 'failed':
      return <OpeningFailed code={state.code} message={state.message} />;
  }
}

function OpeningFailed({ code, message }: { code: string; message: string }) {
  const { session } = useAppParts();
  return (
    <main className="opening" role="alert">
      <img src="/icons/halo.svg" alt="" width="72" height="72" />
      <p>{errorText(code, message)}</p>
      <button type="button" className="button button-main" onClick={() => void session.retry()}>
        {t.tryAgain}
      </button>
    </main>
  );
}
