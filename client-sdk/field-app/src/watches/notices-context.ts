import { createContext, useContext } from 'react';

/** Whether notices are given: `paused` where they are wanted and the permission must be asked for again, on a press. */
export interface Notices {
  readonly state: 'off' | 'paused' | 'on';
  /** Why none may come, by the client's code. */
  readonly problem: string | undefined;
  /** To be called on a press: the browser asks for the position, and for notifications. */
  turnOn(): void;
  turnOff(): void;
}

export const NoticesContext = createContext<Notices | undefined>(undefined);

/** The notices; only below `NoticesProvider`. */
export function useNotices(): Notices {
  const notices = useContext(NoticesContext);
  if (notices === undefined) throw new Error('useNotices outside NoticesProvider');
  return notices;
}
