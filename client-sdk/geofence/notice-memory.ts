import type { SettingsStore } from '../platform/device-store.ts';
import type { PlaceMemory } from './geofence.ts';

/** Most watches, by name, whose notices are remembered. */
export const MAX_REMEMBERED_WATCHES = 16;

type Memories = Readonly<Record<string, readonly PlaceMemory[]>>;

/** What has been told, of each watch of an account, in the device's settings. */
export interface NoticeMemory {
  /** What the watch of this name remembers. */
  load(name: string): Promise<readonly PlaceMemory[]>;
  /** Durable when it resolves; the watches that were saved longest ago are forgotten first. */
  save(name: string, memory: readonly PlaceMemory[]): Promise<void>;
}

/** The memory of an account; two accounts of a device know nothing of each other's. */
export function noticeMemory(settings: SettingsStore, account: string): NoticeMemory {
  const all = async () => parsed(await settings.get(keyOf(account)));
  return {
    load: async (name) => (await all())[name] ?? [],
    async save(name, memory) {
      const { [name]: _before, ...others } = await all();
      const kept = Object.entries(others).slice(1 - MAX_REMEMBERED_WATCHES);
      await settings.set(keyOf(account), JSON.stringify(Object.fromEntries([...kept, [name, memory]])));
    },
  };
}

/** Forgets all of it: at log-out. */
export function forgetNotices(settings: SettingsStore, account: string): Promise<void> {
  return settings.delete(keyOf(account));
}

/** At worst something is told twice. */
function parsed(text: string | undefined): Memories {
  try {
    return JSON.parse(text ?? '{}') as Memories;
  } catch {
    return {};
  }
}

const keyOf = (account: string) => `notices.${account}`;
