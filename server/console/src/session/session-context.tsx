import { createContext, use, useSyncExternalStore } from 'react';
import type { Account } from '@halo/shapes/protocol/accounts.ts';
import type { Follower } from '../sync/follower.ts';
import type { Session, SessionState } from './session.ts';

/** What all pages share. */
export interface ConsoleParts {
  readonly session: Session;
  readonly follower: Follower;
}

const PartsContext = createContext<ConsoleParts | undefined>(undefined);
const AccountContext = createContext<Account | undefined>(undefined);

export const PartsProvider = PartsContext.Provider;
export const AccountProvider = AccountContext.Provider;

/** The session and the follower of shapes. */
export function useParts(): ConsoleParts {
  const parts = use(PartsContext);
  if (parts === undefined) throw new Error('outside of the console');
  return parts;
}

/** Whether somebody is logged in, as it changes. */
export function useSessionState(): SessionState {
  const { session } = useParts();
  return useSyncExternalStore(session.subscribe, session.state);
}

/** Who is logged in; only within the shell. */
export function useAccount(): Account {
  const account = use(AccountContext);
  if (account === undefined) throw new Error('nobody is logged in');
  return account;
}
