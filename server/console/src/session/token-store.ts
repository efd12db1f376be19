import { z } from 'zod';
import { parsed } from './api-error.ts';

const KEY = 'halo-console-session';
const LOCK = 'halo-console-refresh';

const storedSchema = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  /** When the access token runs out, in milliseconds of this machine's clock. */
  expiresAtMs: z.number(),
});

export type StoredTokens = z.infer<typeof storedSchema>;

/** Where a log-in is kept: shared by the tabs of this browser, so that a link opens in a new one. */
export interface TokenStore {
  read(): StoredTokens | undefined;
  write(tokens: StoredTokens | undefined): void;
  /**
   * Runs `work` while no other tab runs its own: a refresh token may be exchanged once, and two tabs that exchanged
   * the same would end the session.
   */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

/** The browser's storage; where it is forbidden a log-in lasts as long as the page. */
export function browserTokens(): TokenStore {
  let kept: StoredTokens | undefined;
  return {
    read() {
      try {
        return storedSchema.safeParse(parsed(localStorage.getItem(KEY) ?? '')).data;
      } catch {
        return kept;
      }
    },
    write(tokens) {
      kept = tokens;
      try {
        if (tokens === undefined) localStorage.removeItem(KEY);
        else localStorage.setItem(KEY, JSON.stringify(tokens));
      } catch {
        // Storage is forbidden here: `kept` has it.
      }
    },
    // Without a secure context there are no locks; then there is one tab, or a log-in more.
    alone: async (work) =>
      navigator.locks === undefined ? work() : navigator.locks.request(LOCK, () => work()),
  };
}
