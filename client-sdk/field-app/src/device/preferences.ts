import { ROLES } from '@halo/shapes/protocol/auth.ts';
import type { Role } from '@halo/shapes/protocol/auth.ts';

/** Most counties whose incidents are kept on the device at once: the newest chosen ones. */
const MAX_REGIONS = 3;
const EMAIL_KEY = 'halo.email';
const ROLE_KEY = 'halo.role';
const NOTICES_KEY = 'halo.notices';
const REGIONS_KEY = 'halo.regions';
const DRAFT_KEY = 'halo.draft';

/** What this app remembers beside the client's store: who used it last, which counties, what was being typed. */
export interface Preferences {
  email(): string | undefined;
  setEmail(email: string): void;
  /** The account's role at the last log-in. */
  role(): Role;
  setRole(role: Role): void;
  /** Whether the person has asked to be told of watched places. */
  notices(): boolean;
  setNotices(on: boolean): void;
  /** County codes, the one in view first. */
  regions(): readonly string[];
  /** Puts a county first. */
  chooseRegion(code: string): void;
  draft(): string | undefined;
  setDraft(draft: string | undefined): void;
  /** Forgets everything, at log-out. */
  clear(): void;
}

/** Preferences in `storage`; one that is blocked or full is as good as empty: nothing here is sacred. */
export function preferencesIn(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>): Preferences {
  const read = (key: string): string | undefined => {
    try {
      return storage.getItem(key) ?? undefined;
    } catch {
      return undefined;
    }
  };
  const write = (key: string, value: string | undefined): void => {
    try {
      if (value === undefined) storage.removeItem(key);
      else storage.setItem(key, value);
    } catch {
      // Private windows and full disks refuse; the app goes on and asks again next time.
    }
  };
  const regions = () => (read(REGIONS_KEY) ?? '').split(',').filter((code) => /^\d{2}$/.test(code));
  return {
    email: () => read(EMAIL_KEY),
    setEmail: (email) => write(EMAIL_KEY, email),
    role: () => ROLES.find((role) => role === read(ROLE_KEY)) ?? 'reporter',
    setRole: (role) => write(ROLE_KEY, role),
    notices: () => read(NOTICES_KEY) === 'on',
    setNotices: (on) => write(NOTICES_KEY, on ? 'on' : undefined),
    regions,
    chooseRegion(code) {
      const others = regions().filter((other) => other !== code);
      write(REGIONS_KEY, [code, ...others].slice(0, MAX_REGIONS).join(','));
    },
    draft: () => read(DRAFT_KEY),
    setDraft: (draft) => write(DRAFT_KEY, draft),
    clear() {
      for (const key of [EMAIL_KEY, ROLE_KEY, NOTICES_KEY, REGIONS_KEY, DRAFT_KEY]) write(key, undefined);
    },
  };
}

/** Storage that remembers nothing, where the browser has none. */
const noStorage = { getItem: () => null, setItem: () => {}, removeItem: () => {} };

/** The browser's own storage; reading the property itself throws where storage is blocked. */
export function browserStorage(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  try {
    return globalThis.localStorage;
  } catch {
    return noStorage;
  }
}
