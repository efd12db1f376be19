import type { DeviceStore, SettingsStore } from '../platform/device-store.ts';

const KEY = 'account.begun';
/** Length of an account's name: 64 bits, of a hash or drawn at random. */
export const NAME_HEX_DIGITS = 16;

/** The people who have begun without an account on this device. */
export interface BegunAccounts {
  /** Name of the outbox and replica of the one who began last. */
  readonly current?: string;
  /** Those who have an account by now: their names, by the one that the e-mail address would have without that. */
  readonly claimed: Readonly<Record<string, string>>;
}

/** Where it is noted, and how tabs agree on it. */
export type BegunStore = Pick<DeviceStore, 'settings' | 'tabs'>;

/** What is noted; nobody has begun on a new device. */
export async function begunAccounts(settings: SettingsStore): Promise<BegunAccounts> {
  return JSON.parse((await settings.get(KEY)) ?? '{"claimed":{}}') as BegunAccounts;
}

/** Whether the person of this name has an account by now. */
export function isClaimed({ claimed }: BegunAccounts, account: string): boolean {
  return Object.values(claimed).includes(account);
}

/** Changes what is noted, while no other tab does; resolves with what is noted then, durably. */
export function changeBegun(
  store: BegunStore,
  change: (begun: BegunAccounts) => BegunAccounts | Promise<BegunAccounts>,
): Promise<BegunAccounts> {
  return store.tabs('begun').exclusively('begun', async () => {
    const before = await begunAccounts(store.settings);
    const next = await change(before);
    if (next !== before) await store.settings.set(KEY, JSON.stringify(next));
    return next;
  });
}

/**
 * The name of who uses this device without an account; made once and kept. It stays when the person takes an account, and
 * another begins when that one has logged out.
 */
export async function nameWithoutAccount(store: BegunStore): Promise<string> {
  const { current } = await changeBegun(store, async (begun) => {
    const { current: last } = begun;
    if (last !== undefined) {
      const isIn = (await store.settings.get(sessionKey(last))) !== undefined;
      if (isIn || !isClaimed(begun, last)) return begun;
    }
    return { ...begun, current: crypto.randomUUID().replaceAll('-', '').slice(0, NAME_HEX_DIGITS) };
  });
  return current!;
}

/** The setting that an account's session is kept under. */
export const sessionKey = (account: string): string => `session.${account}`;
