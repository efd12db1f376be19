import { useCallback, useEffect, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { Halo, PositionSource, RiskNotice } from '@halo/client';
import { useAppParts, useOpenSession } from '../device/session-context.tsx';
import { NoticesContext } from './notices-context.ts';
import type { Notices } from './notices-context.ts';
import { NoticeStack } from './notice-stack.tsx';
import type { ShownNotice } from './notice-stack.tsx';
import { notify } from './notify.ts';
import { forecastWords, reportedWords } from './notice-words.ts';

/** Notices that stay in sight at once, the newest. */
const MAX_SHOWN = 3;

/** Gives notices of watched places while the app is open, if the person has asked for them. */
export function NoticesProvider({ children }: { children: ReactNode }) {
  const { halo } = useOpenSession();
  const { preferences } = useAppParts();
  const [state, setState] = useState<Notices['state']>(() => (preferences.notices() ? 'paused' : 'off'));
  const [problem, setProblem] = useState<string>();
  const [shown, setShown] = useState<readonly ShownNotice[]>([]);
  const show = useCallback((notice: ShownNotice) => {
    setProblem(undefined);
    setShown((before) => [notice, ...before].slice(0, MAX_SHOWN));
    notify(notice);
  }, []);
  useResumeWhereAllowed(state, setState);
  useWatchedPosition(halo, state === 'on', show, setProblem);
  const notices = useMemo<Notices>(
    () => ({
      state,
      problem,
      turnOn() {
        preferences.setNotices(true);
        setProblem(undefined);
        setState('on');
        if ('Notification' in globalThis && Notification.permission === 'default') {
          // Without it the notice in the app is all there is.
          void Notification.requestPermission().catch(() => 'denied');
        }
      },
      turnOff() {
        preferences.setNotices(false);
        setProblem(undefined);
        setState('off');
      },
    }),
    [state, problem, preferences],
  );
  return (
    <NoticesContext value={notices}>
      {children}
      <NoticeStack
        notices={shown}
        onDismiss={(key) => setShown((before) => before.filter((notice) => notice.key !== key))}
      />
    </NoticesContext>
  );
}

/** Goes on after a reload, where the browser need not ask: nobody is asked without having pressed something. */
function useResumeWhereAllowed(state: Notices['state'], setState: (state: Notices['state']) => void): void {
  useEffect(() => {
    if (state !== 'paused' || !('permissions' in navigator)) return undefined;
    let current = true;
    navigator.permissions.query({ name: 'geolocation' }).then(
      (permission) => {
        if (current && permission.state === 'granted') setState('on');
      },
      // A browser that does not tell: it waits for the press.
      () => {},
    );
    return () => {
      current = false;
    };
  }, [state, setState]);
}

function useWatchedPosition(
  halo: Halo,
  on: boolean,
  show: (notice: ShownNotice) => void,
  setProblem: (code: string | undefined) => void,
): void {
  useEffect(() => {
    if (!on) return undefined;
    let current = true;
    const offs: (() => void)[] = [];
    const begin = async () => {
      const [{ browserPositions }, { WATCHED_PLACES }] = await Promise.all([
        import('@halo/client/browser'),
        import('@halo/client'),
      ]);
      if (!current) return;
      const source: PositionSource = (tell, fail) =>
        browserPositions()((position) => {
          setProblem(undefined);
          tell(position);
        }, fail);
      const onError = ({ code }: { readonly code: string }) => setProblem(code);
      const reported = (notice: RiskNotice) =>
        void reportedWords(halo, notice).then((told) => current && show(told));
      // Two questions about the same places, told apart: what has been reported there, and what is forecast.
      offs.push(halo.watchPosition(source, reported, { places: WATCHED_PLACES, onError }));
      offs.push(
        halo.watchPosition(source, (notice) => show(forecastWords(notice)), { name: 'forecast', onError }),
      );
    };
    begin().catch((error: unknown) => setProblem((error as { code?: string }).code ?? 'unknown'));
    return () => {
      current = false;
      for (const off of offs) off();
    };
  }, [halo, on, show, setProblem]);
}
