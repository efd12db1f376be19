import { z } from 'zod';
import { ROLES } from '@halo/shapes/protocol/auth.ts';
import type { Role } from '@halo/shapes/protocol/auth.ts';

/** Most counties whose incidents are kept on the device at once: the newest chosen ones. */
const MAX_REGIONS = 3;
const EMAIL_KEY = 'halo.email';
const ANONYMOUS_KEY = 'halo.anonymous';
const ROLE_KEY = 'halo.role';
const NOTICES_KEY = 'halo.notices';
const REGIONS_KEY = 'halo.regions';
const WATCHED_KEY = 'halo.watched';
const DRAFTS_KEY = 'halo.drafts';
const HIDDEN_KEY = 'halo.hidden';
const CHAMPIONS_KEY = 'halo.champions';
/** Most forms that are kept half-made, the ones touched last. */
const MAX_DRAFTS = 30;
/** Most refusals of other devices that stay hidden here; beyond, the ones hidden first come into sight again. */
const MAX_HIDDEN = 500;

const ALL_KEYS = [
  EMAIL_KEY,
  ANONYMOUS_KEY,
  ROLE_KEY,
  NOTICES_KEY,
  REGIONS_KEY,
  WATCHED_KEY,
  DRAFTS_KEY,
  HIDDEN_KEY,
  CHAMPIONS_KEY,
];

const draftsSchema = z.array(z.tuple([z.string(), z.string()]));
const hiddenSchema = z.array(z.string());

/** What this app remembers beside the client's store: who used it last, which counties, what was being typed. */
export interface Preferences {
  email(): string | undefined;
  /** Somebody uses the app with an account from now on. */
  setEmail(email: string): void;
  /** Whether somebody uses the app without an account. */
  isAnonymous(): boolean;
  setAnonymous(): void;
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
  /** Codes of the counties in which places are watched. */
  watched(): readonly string[];
  setWatched(codes: readonly string[]): void;
  /** What was typed into the form of this name and not sent. */
  draft(name: string): string | undefined;
  setDraft(name: string, draft: string | undefined): void;
  /** Refusals of other devices that the person wants to see here no more, by the mutations' ids. */
  hidden(): readonly string[];
  hide(id: string): void;
  /** What the server said of its models last, as text. */
  champions(): string | undefined;
  setChampions(text: string): void;
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
  // What another version wrote, or something else did, is as good as nothing.
  const list = <Item>(key: string, schema: z.ZodType<Item[]>): readonly Item[] => {
    try {
      return schema.safeParse(JSON.parse(read(key) ?? '[]')).data ?? [];
    } catch {
      return [];
    }
  };
  const drafts = () => list(DRAFTS_KEY, draftsSchema);
  const hidden = () => list(HIDDEN_KEY, hiddenSchema);
  const codes = (key: string) => (read(key) ?? '').split(',').filter((code) => /^\d{2}$/.test(code));
  const regions = () => codes(REGIONS_KEY);
  return {
    email: () => read(EMAIL_KEY),
    setEmail(email) {
      write(EMAIL_KEY, email);
      write(ANONYMOUS_KEY, undefined);
    },
    isAnonymous: () => read(ANONYMOUS_KEY) !== undefined,
    setAnonymous: () => write(ANONYMOUS_KEY, 'yes'),
    role: () => ROLES.find((role) => role === read(ROLE_KEY)) ?? 'reporter',
    setRole: (role) => write(ROLE_KEY, role),
    notices: () => read(NOTICES_KEY) === 'on',
    setNotices: (on) => write(NOTICES_KEY, on ? 'on' : undefined),
    regions,
    chooseRegion(code) {
      const others = regions().filter((other) => other !== code);
      write(REGIONS_KEY, [code, ...others].slice(0, MAX_REGIONS).join(','));
    },
    watched: () => codes(WATCHED_KEY),
    setWatched: (watched) => write(WATCHED_KEY, watched.length === 0 ? undefined : watched.join(',')),
    draft: (name) => drafts().find(([of]) => of === name)?.[1],
    setDraft(name, draft) {
      const others = drafts().filter(([of]) => of !== name);
      const kept = draft === undefined ? others : [[name, draft] as const, ...others].slice(0, MAX_DRAFTS);
      write(DRAFTS_KEY, kept.length === 0 ? undefined : JSON.stringify(kept));
    },
    hidden,
    hide(id) {
      const others = hidden().filter((other) => other !== id);
      write(HIDDEN_KEY, JSON.stringify([id, ...others].slice(0, MAX_HIDDEN)));
    },
    champions: () => read(CHAMPIONS_KEY),
    setChampions: (text) => write(CHAMPIONS_KEY, text),
    clear() {
      for (const key of ALL_KEYS) write(key, undefined);
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
