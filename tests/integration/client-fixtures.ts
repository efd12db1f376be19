import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHalo } from '@halo/client';
import type { DeviceStore, Halo, HaloOptions } from '@halo/client';
import { nodeStore } from '@halo/client/node';
import type { OutboxStore } from '../../client-sdk/outbox/outbox-store.ts';
import type { ReplicaDatabase } from '../../client-sdk/replica/replica-database.ts';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { ProtocolServer } from './client-protocol-server.ts';

/** Makes device stores whose replica begins as a copy of one that was made before: initdb takes seconds. */
export interface StoreMaker {
  at(dir: string): DeviceStore;
  remove(): void;
}

/** Makes the replica that others are copied from. */
export async function createStoreMaker(): Promise<StoreMaker> {
  const template = mkdtempSync(join(tmpdir(), 'halo-replica-template-'));
  const store = nodeStore(template);
  await (await store.openReplica('template')).close();
  await store.close();
  return {
    at(dir) {
      const inner = nodeStore(dir);
      return {
        ...inner,
        openReplica(account) {
          const replica = join(dir, account, 'replica');
          if (!existsSync(replica))
            cpSync(join(template, 'template', 'replica'), replica, { recursive: true });
          return inner.openReplica(account);
        },
      };
    },
    remove: () => rmSync(template, { recursive: true, force: true }),
  };
}

/** What each test of `useClients` finds: a directory of its own, and a server of its own. */
export interface Clients {
  readonly dir: string;
  readonly server: ProtocolServer;
  readonly url: string;
  readonly stores: StoreMaker;
  /** Starts another server, of which devices opened from now on hear. */
  newServer(): Promise<void>;
  /** Opens a device, in the store `device` where no other is given; it is closed with the test. */
  device(options?: Partial<HaloOptions>): Promise<Halo>;
}

export const AUTH = { email: 'ann@halo.example', password: 'right password' };
export const SHAPES = [{ name: 'incidents', params: { region: '01' } }];

/** Prepares the tests of a file for clients against the protocol server. */
export function useClients(): Clients {
  let stores: StoreMaker;
  let dir: string;
  let server: ProtocolServer;
  let url: string;
  let open: Halo[];
  const newServer = async () => {
    server = new ProtocolServer();
    url = await server.start();
  };
  beforeAll(async () => {
    stores = await createStoreMaker();
  });
  afterAll(() => stores.remove());
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'halo-client-'));
    await newServer();
    open = [];
  });
  afterEach(async () => {
    for (const halo of open) await halo.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });
  return {
    get dir() {
      return dir;
    },
    get server() {
      return server;
    },
    get url() {
      return url;
    },
    get stores() {
      return stores;
    },
    newServer,
    async device(options = {}) {
      const store = stores.at(join(dir, 'device'));
      const halo = await openHalo({ url, store, auth: AUTH, shapes: SHAPES, ...options });
      open.push(halo);
      return halo;
    },
  };
}

/** An outbox of which some methods are others. */
export function outboxWith(outbox: OutboxStore, others: Partial<OutboxStore>): OutboxStore {
  return {
    append: (mutation) => outbox.append(mutation),
    pending: (...given) => outbox.pending(...given),
    list: (...given) => outbox.list(...given),
    find: (id) => outbox.find(id),
    counts: () => outbox.counts(),
    settleApplied: (id) => outbox.settleApplied(id),
    settleRejected: (id, rejection) => outbox.settleRejected(id, rejection),
    discard: (id) => outbox.discard(id),
    replaceRejected: (...given) => outbox.replaceRejected(...given),
    close: () => outbox.close(),
    ...others,
  };
}

/** A replica of which some methods are others. */
export function replicaWith(database: ReplicaDatabase, others: Partial<ReplicaDatabase>): ReplicaDatabase {
  return {
    query: (sql, params) => database.query(sql, params),
    exec: (sql) => database.exec(sql),
    transaction: (work) => database.transaction(work),
    close: () => database.close(),
    ...others,
  };
}
