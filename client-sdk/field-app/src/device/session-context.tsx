import { createContext, useContext, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import type { Halo } from '@halo/client';
import type { Role } from '@halo/shapes/protocol/auth.ts';
import type { DeviceSession, SessionState } from './device-session.ts';
import type { Preferences } from './preferences.ts';

/** What every screen may ask for. */
export interface AppParts {
  readonly session: DeviceSession;
  readonly preferences: Preferences;
}

const PartsContext = createContext<AppParts | undefined>(undefined);

/** Gives the app's parts to the screens below. */
export function AppPartsProvider({ parts, children }: { parts: AppParts; children: ReactNode }) {
  return <PartsContext value={parts}>{children}</PartsContext>;
}

/** The app's parts; only below `AppPartsProvider`. */
export function useAppParts(): AppParts {
  const parts = useContext(PartsContext);
  if (parts === undefined) throw new Error('useAppParts outside AppPartsProvider');
  return parts;
}

/** Who is logged in, and the device, as they change. */
export function useSessionState(): SessionState {
  const { session } = useAppParts();
  return useSyncExternalStore(session.subscribe, session.state);
}

/** The open device and the account it belongs to; only below the shell. */
export interface OpenSession {
  readonly halo: Halo;
  /** Undefined for who uses the app without an account. */
  readonly email: string | undefined;
  /** County in view; undefined where none can be chosen, since the device cannot keep their list. */
  readonly region: string | undefined;
  /** Counties whose forecasts are kept. */
  readonly forecasts: readonly string[];
  /** The account's role when it last logged in: what is offered goes by it, what is allowed the server says. */
  readonly role: Role;
}

const OpenContext = createContext<OpenSession | undefined>(undefined);

/** Gives the open session to the screens of the shell. */
export function OpenSessionProvider({ open, children }: { open: OpenSession; children: ReactNode }) {
  return <OpenContext value={open}>{children}</OpenContext>;
}

/** The open session; only below `OpenSessionProvider`. */
export function useOpenSession(): OpenSession {
  const open = useContext(OpenContext);
  if (open === undefined) throw new Error('useOpenSession outside OpenSessionProvider');
  return open;
}
