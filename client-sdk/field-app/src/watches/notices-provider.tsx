import { useCallback, useEffect, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { Halo, RiskNotice } from '@halo/client';
import { useAppParts, useOpenSession } from '../device/session-context.tsx';
import { t } from '../texts/texts.ts';
import { NoticesContext } from './notices-context.ts';
import type { Notices } from './notices-context.ts';
import { NoticeStack } from './notice-stack.tsx';
import type { ShownNotice } from './notice-stack.tsx';
import { notify } from './notify.ts';
import { incidentsWithin } from './watch.ts';

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
    let off: (() => void) | undefined;
    const begin = async () => {
      const [{ browserPositions }, { WATCHED_PLACES }] = await Promise.all([
        import('@halo/client/browser'),
        import('@halo/client'),
      ]);
      if (!current) return;
      const source = browserPositions();
      off = halo.watchPosition(
        (tell, fail) =>
          source((position) => {
            setProblem(undefined);
            tell(position);
          }, fail),
        (notice) => void inWords(halo, notice).then((told) => current && show(told)),
        { places: WATCHED_PLACES, onError: ({ code }) => setProblem(code) },
      );
    };
    begin().catch((error: unknown) => setProblem((error as { code?: string }).code ?? 'unknown'));
    return () => {
      current = false;
      off?.();
    };
  }, [halo, on, show, setProblem]);
}

/** The notice as a person reads it; never rejects, since it is given once only. */
async function inWords(halo: Halo, { placeId, name, atMs, isStale }: RiskNotice): Promise<ShownNotice> {
  const words = t.watches;
  const { sql, params } = incidentsWithin(placeId, atMs);
  const [row] = await halo.query<{ n: number }>(sql, params).catch(() => []);
  const parts = [words.noticeBody(row?.n ?? 0), ...(isStale ? [words.noticeStale] : [])];
  return { key: `${placeId} ${atMs}`, tag: placeId, title: words.notice(name ?? ''), body: parts.join(' ') };
}
