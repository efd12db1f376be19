import { join } from 'node:path';
import { guardAgainstCrashes } from '../crash-guard.ts';
import type { DeviceStore, SettingsStore } from '../device-store.ts';
import type { Tabs } from '../tabs.ts';
import { copying } from './copying-replica.ts';
import { makeDirectory } from './durable-files.ts';
import { openJournalOutbox } from './journal-outbox.ts';
import { oneByOne } from '../one-by-one.ts';
import { lockStore } from './lock-file.ts';
import type { StoreLock } from './lock-file.ts';
import { openReplicaFiles, removeReplicaFiles } from './replica-files.ts';
import { settingsFile } from './settings-file.ts';
import { onWake } from './wake-watch.ts';

/**
 * A device's store in a directory: `lock`, `settings.json`, and for each account `<account>/outbox` and
 * `<account>/replica`. One process holds it at a time.
 */
export function nodeStore(dir: string): DeviceStore {
  let lock: StoreLock | undefined;
  const hold = () => void (lock ??= lockStore(dir));
  const replicaDir = (account: string) => join(dir, account, 'replica');
  return {
    settings: heldSettings(settingsFile(join(dir, 'settings.json')), hold),
    async openOutbox(account) {
      hold();
      return openJournalOutbox(join(dir, account, 'outbox'));
    },
    async openReplica(account) {
      hold();
      makeDirectory(join(dir, account));
      return copying(guardAgainstCrashes(await openReplicaFiles(replicaDir(account))));
    },
    async destroyReplica(account) {
      hold();
      await removeReplicaFiles(replicaDir(account));
    },
    tabs: soleTab,
    // Of the network itself, an answered or failing request is the only sign.
    onNetwork: (listener) => onWake(() => listener('came')),
    async close() {
      lock?.release();
      lock = undefined;
    },
  };
}

/** Settings that are read and changed only under the store's lock: two writers at once would spoil the file. */
function heldSettings(settings: SettingsStore, hold: () => void): SettingsStore {
  const held = async () => hold();
  return {
    get: (key) => held().then(() => settings.get(key)),
    set: (key, value) => held().then(() => settings.set(key, value)),
    delete: (key) => held().then(() => settings.delete(key)),
  };
}

/** The store's lock lets in one process, so it always leads and nobody listens. */
function soleTab(): Tabs {
  return {
    many: false,
    lead: (stop, lead) => (stop.aborted ? Promise.resolve() : lead(stop)),
    exclusively: oneByOne(),
    tell: () => {},
    onTold: () => () => {},
  };
}
