import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHalo } from '@halo/client';
import type { Environment, Halo, HaloAuth, ShapeSubscription } from '@halo/client';
import { nodeStore } from '@halo/client/node';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { registerAccount, startServerProcess, stopServerProcess } from '../support/server.ts';
import type { TestAccount, TestServer } from '../support/server.ts';
import { sampleReport } from './client-samples.ts';

const REGION = { region: '01' };
const SHAPES = [
  { name: 'incidents', params: REGION },
  { name: 'comments', params: REGION },
  { name: 'my_watches' },
];

/** What each test of `useRealServer` finds: one server for the file, an account and a relay of its own. */
export interface RealServer {
  readonly database: TestDatabase;
  readonly url: string;
  readonly account: TestAccount;
  /** Stands between the server and the devices, but for those that are given another url. */
  readonly proxy: FaultProxy;
  /** Opens a device in the store of this name, one of this account's or of another's; it is closed with the test. */
  device(
    name: string,
    options?: {
      as?: TestAccount;
      of?: TestAccount;
      auth?: HaloAuth;
      url?: string;
      shapes?: readonly ShapeSubscription[];
      environment?: Environment;
    },
  ): Promise<Halo>;
  /** A report that every rule accepts, near those of this test and of no other. */
  report(description: string): ReturnType<typeof sampleReport>;
  /** Takes the network away, and waits until the device knows. */
  offline(halo: Halo): Promise<void>;
  /** Rows of a count over tables. */
  count(from: string): Promise<number>;
}

/** Prepares the tests of a file for clients against one real server. */
export function useRealServer(): RealServer {
  let dir: string;
  let database: TestDatabase;
  let server: TestServer;
  let account: TestAccount;
  let proxy: FaultProxy;
  let open: Halo[];
  let place = 0;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'halo-client-real-server-'));
    database = await createTestDatabase();
    server = await startServerProcess(database.url, { dataDir: join(dir, 'server') });
  });
  afterAll(async () => {
    await stopServerProcess(server);
    await database.drop();
    rmSync(dir, { recursive: true, force: true });
  });
  beforeEach(async () => {
    place += 1;
    open = [];
    account = await registerAccount(server.url, 'writer');
    proxy = await startFaultProxy(server.url);
  });
  afterEach(async () => {
    for (const halo of open) await halo.close();
    await proxy.close();
  });
  return {
    get database() {
      return database;
    },
    get url() {
      return server.url;
    },
    get account() {
      return account;
    },
    get proxy() {
      return proxy;
    },
    async device(name, options = {}) {
      const { as = account, of = as, auth, url = proxy.url, shapes = SHAPES, environment } = options;
      const { email, password } = as;
      const store = nodeStore(join(dir, of.id, name));
      const who = auth ?? { email, password };
      const halo = await openHalo({ url, store, auth: who, shapes }, environment);
      open.push(halo);
      return halo;
    },
    report: (description) => ({
      ...sampleReport(description),
      occurredAt: new Date().toISOString(),
      location: { lat: 59.2 + place * 0.02, lon: 18.05, accuracyM: 10 },
    }),
    async offline(halo) {
      proxy.down();
      await eventually(() => expect(halo.status().network).toBe('offline'));
    },
    async count(from) {
      const { rows } = await database.pool.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${from}`);
      return rows[0]!.n;
    },
  };
}

/** Waits until a query of the device gives these rows. */
export function shows(halo: Halo, sql: string, rows: unknown): Promise<unknown> {
  return eventually(async () => expect(await halo.query(sql)).toEqual(rows));
}
