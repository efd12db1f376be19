import { HaloClientError } from '../../errors.ts';
import type { DeviceStore } from '../device-store.ts';
import { BrowserConnection } from './database.ts';
import { IndexedDbOutbox } from './indexed-db-outbox.ts';
import { deleteReplica } from './replica-files.ts';
import { wholly } from './whole-transaction.ts';
import { onNetwork } from './network-signs.ts';
import { webTabs } from './web-tabs.ts';
import { openWorkerReplica } from './worker-replica.ts';

export { browserPositions } from './browser-positions.ts';
export type { BrowserPositionOptions } from './browser-positions.ts';

/**
 * A device's store in a browser: settings and outboxes in IndexedDB, the replica in a worker. All tabs of an
 * origin that name the same store share it. Throws `insecure_context` where the page was not served over
 * HTTPS or from localhost: browsers then withhold what this needs (Web Locks, Web Crypto).
 */
export function browserStore(name: string): DeviceStore {
  if (!globalThis.isSecureContext) {
    const message = 'The page must be served over HTTPS, or from localhost.';
    throw new HaloClientError('insecure_context', message);
  }
  const connection = new BrowserConnection(name);
  const closers: (() => void)[] = [];
  const replicaName = (account: string) => `halo-${name}-${account}`;
  return {
    async openOutbox(account) {
      await connection.use(async () => {});
      // Asks the browser not to clear the queue when space runs short. It may refuse, and may ask a person who never answers.
      void navigator.storage?.persist?.().catch(() => false);
      return new IndexedDbOutbox(connection, account);
    },
    openReplica: (account) => openWorkerReplica(replicaName(account)),
    destroyReplica: (account) => deleteReplica(replicaName(account)),
    settings: {
      get: (key) => connection.use((database) => database.get('settings', key)),
      set: (key, value) => change(connection, (store) => store.put(value, key)),
      delete: (key) => change(connection, (store) => store.delete(key)),
    },
    tabs(account) {
      const tabs = webTabs(`${name}:${account}`);
      closers.push(() => tabs.close());
      return tabs;
    },
    onNetwork,
    async close() {
      for (const close of closers.splice(0)) close();
      connection.close();
    },
  };
}

function change(
  connection: BrowserConnection,
  alter: (store: {
    put(value: string, key: string): Promise<unknown>;
    delete(key: string): Promise<void>;
  }) => Promise<unknown>,
): Promise<void> {
  return connection.use(async (database) => {
    const tx = database.transaction('settings', 'readwrite', { durability: 'strict' });
    await wholly(tx, () => alter(tx.store));
  });
}
