import { useEffect, useMemo, useState } from 'react';
import { useHalo, useStatus } from '@halo/client/react';
import { useAppParts } from '../device/session-context.tsx';
import type { Preferences } from '../device/preferences.ts';
import { askChampions, championsText, readChampions } from './champions.ts';
import type { KeptChampions } from './champions.ts';

/** An answer that is younger is not asked for again: models change once a night. */
const FRESH_MS = 600_000;

/** What the server said of its models last. */
export interface ModelAnswer {
  /** Undefined where it never did. */
  readonly kept: KeptChampions | undefined;
  readonly state: 'asking' | 'current' | 'offline' | 'failed';
}

/** Who speaks for each series: asked for when the server can be reached, and kept for when it cannot. */
export function useModelAnswer(): ModelAnswer {
  const halo = useHalo();
  const { preferences } = useAppParts();
  const { network } = useStatus();
  const [text, setText] = useState(() => preferences.champions());
  const [state, setState] = useState<ModelAnswer['state']>(() =>
    isFresh(preferences) ? 'current' : 'asking',
  );
  const kept = useMemo(() => readChampions(text), [text]);
  const isOffline = network === 'offline';
  useEffect(() => {
    if (isOffline || isFresh(preferences)) return undefined;
    let current = true;
    askChampions(halo, () => Date.now()).then(
      (answer) => {
        const next = championsText(answer);
        preferences.setChampions(next);
        if (!current) return;
        setText(next);
        setState('current');
      },
      () => current && setState('failed'),
    );
    return () => {
      current = false;
    };
  }, [halo, preferences, isOffline]);
  return { kept, state: isOffline ? 'offline' : state };
}

function isFresh(preferences: Preferences): boolean {
  const kept = readChampions(preferences.champions());
  return kept !== undefined && Date.now() - kept.at.getTime() < FRESH_MS;
}
