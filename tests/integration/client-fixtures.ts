import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHalo } from '@halo/client';
import type { Halo, HaloOptions } from '@halo/client';
import { nodeStore } from '@halo/client/node';
import type { OutboxStore } from '../../client-sdk/outbox/outbox-store.ts';
import type { ReplicaDatabase } from '../../client-sdk/replica/replica-database.ts';
import { afterEach, beforeEach } from 'vitest';
import { ProtocolServer } from './client-protocol-server.ts';

/** What each test of `useClients` finds: a directory of its own, and a server of its own. */
export interface Clients {
  readonly dir: string;
  readonly server: ProtocolServer;
  readonly url: string;
  /** Starts another server, of which devices opened from now on hear. */
  newServer(): Promise<void>;
  /** Opens a device, in the store `device` where no other is given; it is closed with the test. */
  device(options?: Partial<HaloOptions>): Promise<Halo>;
}

export const AUTH = { email: 'ann@halo.example', password: 'right password' };
export const SHAPES = [{ name: 'incidents', params: { region: '01' } }];

/** Prepares the tests of a file for clients against the protocol server. */
export function useClients(): Clients {
  let dir: string;
  let server: ProtocolServer;
  let url: string;
  let open: Halo[];
  const newServer = async () => {
    server = new ProtocolServer();
    url = await server.start();
  };
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
    newServer,
    async device(options = {}) {
      const store = nodeStore(join(dir, 'device'));
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
