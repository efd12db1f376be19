import { createContext, use, useEffect, useState, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import { INSPECTOR_PREFIX, overviewSchema } from '@halo/shapes/protocol/inspector.ts';
import type { Overview } from '@halo/shapes/protocol/inspector.ts';
import { useAccount } from '../session/session-context.tsx';
import { useApi } from '../session/use-api.ts';
import type { Loaded } from '../session/use-api.ts';
import { History } from './history.ts';
import type { Look } from './history.ts';

const EVERY_MS = 5_000;

interface Feed {
  readonly loaded: Loaded<Overview>;
  readonly history: History;
}

const FeedContext = createContext<Feed | undefined>(undefined);

/** Looks at the whole every few seconds, on whatever page one is, so that charts know what was before. */
export function OverviewFeed({ children }: { children: ReactNode }) {
  const { role } = useAccount();
  const loaded = useApi(role === 'operator' ? INSPECTOR_PREFIX : undefined, overviewSchema, EVERY_MS);
  const [history] = useState(() => new History());
  const { data } = loaded;
  useEffect(() => {
    if (data !== undefined) history.add(data);
  }, [data, history]);
  return <FeedContext value={{ loaded, history }}>{children}</FeedContext>;
}

function useFeed(): Feed {
  const feed = use(FeedContext);
  if (feed === undefined) throw new Error('outside of the shell');
  return feed;
}

/** What the whole looks like now. */
export function useOverview(): Loaded<Overview> {
  return useFeed().loaded;
}

/** What it looked like since this window was opened. */
export function useLooks(): readonly Look[] {
  const { history } = useFeed();
  return useSyncExternalStore(history.subscribe, history.read);
}
