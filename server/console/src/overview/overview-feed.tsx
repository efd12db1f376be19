import { createContext, use } from 'react';
import type { ReactNode } from 'react';
import { INSPECTOR_PREFIX, overviewSchema } from '@halo/shapes/protocol/inspector.ts';
import type { Overview } from '@halo/shapes/protocol/inspector.ts';
import { useAccount } from '../session/session-context.tsx';
import { useApi } from '../session/use-api.ts';
import type { Loaded } from '../session/use-api.ts';

const EVERY_MS = 5_000;

const FeedContext = createContext<Loaded<Overview> | undefined>(undefined);

/** Looks at the whole every few seconds, on whatever page one is, so that the navigation says when something is wrong. */
export function OverviewFeed({ children }: { children: ReactNode }) {
  const { role } = useAccount();
  const loaded = useApi(role === 'operator' ? INSPECTOR_PREFIX : undefined, overviewSchema, EVERY_MS);
  return <FeedContext value={loaded}>{children}</FeedContext>;
}

/** What the whole looks like now. */
export function useOverview(): Loaded<Overview> {
  const feed = use(FeedContext);
  if (feed === undefined) throw new Error('outside of the shell');
  return feed;
}
