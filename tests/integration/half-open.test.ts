import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';
import { endClient } from '../../server/db/end-client.ts';
import { migrate, MIGRATION_BOUNDS } from '../../server/db/migrate.ts';
import { createPool } from '../../server/db/pool.ts';
import { inTransaction } from '../../server/db/transaction.ts';
import { createLeases } from '../../server/jobs/lease.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { useTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { changesIn } from '../support/read-path.ts';
import { follow, thingsDatabase } from '../support/things-database.ts';

/** Beside other tests a process may rest for a second: that is no silence. */
const SILENCE = { askAfterMs: 200, giveUpAfterMs: 3_000, watchEveryMs: 50 };

/** Another way to the same database, which can swallow what goes over it. */
async function throughProxy(database: TestDatabase): Promise<{ proxy: FaultProxy; url: string }> {
  const proxy = await startFaultProxy(database.url);
  onTestFinished(() => proxy.close());
  const url = new URL(database.url);
  url.port = new URL(proxy.url).port;
  return { proxy, url: url.href };
}

describe('a connection that the network has swallowed', () => {
  it('invariant 3: is given up by replication, which goes on where it was', async () => {
    const database = await thingsDatabase();
    const { proxy, url } = await throughProxy(database);
    const { log, replication, caughtUp } = await follow({ ...database, url }, { silence: SILENCE });
    await database.pool.query(`INSERT INTO things VALUES (1, 'before')`);
    await caughtUp();
    // Nothing happens in the database: only what it is asked tells that it is there.
    await delay(1.5 * SILENCE.giveUpAfterMs);
    expect(replication.status().streaming).toBe(true);
    proxy.silence();
    await database.pool.query(`INSERT INTO things VALUES (2, 'meanwhile')`);
    await eventually(() => !replication.status().streaming);
    proxy.up();
    await database.pool.query(`INSERT INTO things VALUES (3, 'after')`);
    await caughtUp();
    expect(replication.status().lastReset?.reason).toBe('first_start');
    expect(await changesIn(log)).toEqual([
      'insert things 1,before',
      'insert things 2,meanwhile',
      'insert things 3,after',
    ]);
  });

  it('fails the query that waits on it, and the pool goes on with another', async () => {
    const database = await thingsDatabase();
    const { proxy, url } = await throughProxy(database);
    const pool = createPool(url, 2, createLogger('silent'), { silentAfterMs: 2_000 });
    onTestFinished(() => pool.end());
    await pool.query('SELECT 1');
    // Longer than the limit, and answered: only an unanswered query counts.
    await expect(pool.query('SELECT pg_sleep(1), count(*) FROM things')).resolves.toBeDefined();
    await delay(3_000);
    const tx = await pool.connect();
    await tx.query('SELECT 1');
    tx.release();
    proxy.silence();
    const silent = { code: 'database_silent', status: 503 };
    const lost = inTransaction(pool, (each) => each.query('SELECT 1'));
    await expect(lost).rejects.toMatchObject(silent);
    proxy.up();
    await eventually(async () => (await pool.query('SELECT 1')).rowCount === 1);
    expect(pool.idleCount).toBe(pool.totalCount);
  });

  it('loses the lease of its machine, which is gone without a word, to the next that asks', async () => {
    const database = await useTestDatabase();
    const { proxy, url } = await throughProxy(database);
    const common = { logger: createLogger('silent'), heartbeatMs: 100, goneAfterMs: 4_000 };
    const gone = await createLeases({ databaseUrl: url, ...common }).tryAcquire('feed');
    const others = createLeases({ databaseUrl: database.url, ...common });
    // It is heard for as long as it lives, however long that is.
    await delay(1.5 * common.goneAfterMs);
    expect([gone?.lost.aborted, await others.tryAcquire('feed')]).toEqual([false, undefined]);
    proxy.silence();
    const next = await eventually(async () => {
      const lease = await others.tryAcquire('feed');
      expect(lease).toBeDefined();
      return lease;
    });
    await next?.release();
    await proxy.close();
    await gone?.release();
  });

  it('loses the turn of an instance that was migrating, to the next that starts', async () => {
    const database = await useTestDatabase({ migrate: false });
    const { proxy, url } = await throughProxy(database);
    const dir = mkdtempSync(join(tmpdir(), 'halo-half-open-'));
    onTestFinished(() => rmSync(dir, { recursive: true }));
    writeFileSync(join(dir, '0001_first.sql'), 'CREATE TABLE things (id int);');
    const bounds = { ...MIGRATION_BOUNDS, goneAfterMs: 4_000 };
    const logger = createLogger('silent');
    // A table that somebody holds keeps the first in its turn, asking again and again, until the network takes it.
    await migrate(database.url, logger, { dir, bounds });
    writeFileSync(join(dir, '0002_second.sql'), 'ALTER TABLE things ADD COLUMN size int;');
    const holder = await database.pool.connect();
    await holder.query('BEGIN; LOCK TABLE things');
    const controller = new AbortController();
    const first = migrate(url, logger, { dir, bounds, signal: controller.signal }).catch(() => {});
    await eventually(async () => {
      const { rowCount } = await database.pool.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'halo migrations' AND wait_event_type = 'Lock'`,
      );
      expect(rowCount).toBe(1);
    });
    proxy.silence();
    await holder.query('ROLLBACK');
    holder.release();
    // What was under way is undone, as it was not committed.
    expect(await migrate(database.url, logger, { dir, bounds })).toEqual(['0002_second']);
    controller.abort();
    await proxy.close();
    await first;
  });
});

it('who waits in vain for a connection of the pool is told to come back', async () => {
  const { url } = await thingsDatabase();
  const pool = createPool(url, 1, createLogger('silent'), { connectTimeoutMs: 1_500 });
  onTestFinished(() => pool.end());
  const only = await pool.connect();
  const busy = { code: 'database_busy', status: 503 };
  await Promise.all([
    expect(pool.query('SELECT 1')).rejects.toMatchObject(busy),
    expect(pool.connect()).rejects.toMatchObject(busy),
  ]);
  only.release();
  expect((await pool.query('SELECT 1')).rowCount).toBe(1);
});

it('who opens a connection that nobody answers is told to come back', async () => {
  const silent = createServer();
  await once(silent.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as AddressInfo;
  const url = `postgres://halo@127.0.0.1:${port}/halo`;
  const pool = createPool(url, 1, createLogger('silent'), { connectTimeoutMs: 100 });
  onTestFinished(() => pool.end());
  const away = { code: 'database_unavailable', status: 503 };
  await expect(pool.query('SELECT 1')).rejects.toMatchObject(away);
  await expect(pool.connect()).rejects.toMatchObject(away);
});

it('a client whose farewell nobody answers is ended all the same', async () => {
  const { url } = await thingsDatabase();
  const [from, to] = [new URL(url), new URL(url)];
  // It passes everything on but the end of a connection, as a network does that has fallen silent.
  const sockets: Socket[] = [];
  const relay = createServer({ allowHalfOpen: true }, (device) => {
    const postgres = connect(Number(from.port), from.hostname);
    for (const socket of [device, postgres]) socket.on('error', () => {});
    sockets.push(device, postgres);
    device.on('data', (bytes) => void postgres.write(bytes));
    postgres.on('data', (bytes) => void device.write(bytes));
  });
  onTestFinished(() => {
    relay.close();
    for (const socket of sockets) socket.destroy();
  });
  await once(relay.listen(0, to.hostname), 'listening');
  to.port = String((relay.address() as AddressInfo).port);
  const client = new pg.Client(to.href);
  await client.connect();
  await endClient(client);
});

it('a connection that Postgres ends in the middle of a transaction fails that transaction and nothing else', async () => {
  const { pool } = await thingsDatabase();
  const lost = inTransaction(pool, async (tx) => {
    const { rows } = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await pool.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid]);
    // Nothing is under way when the connection breaks.
    await delay(200);
    await tx.query('SELECT 1');
  });
  await expect(lost).rejects.toThrow();
  expect((await pool.query('SELECT 1')).rowCount).toBe(1);
});

it('invariant 3: Postgres is told that we are there for as long as the log takes to store what came', async () => {
  const database = await thingsDatabase();
  await database.pool.query(`ALTER DATABASE ${database.name} SET wal_sender_timeout = '4s'`);
  let stallMs = 0;
  let broken = 0;
  const { log, caughtUp } = await follow(database, {
    silence: SILENCE,
    wrapLog: (opened) =>
      new Proxy(opened, {
        get(target, name) {
          if (name === 'append') {
            return async (...args: Parameters<typeof target.append>) => {
              await delay(stallMs);
              await target.append(...args);
            };
          }
          if (name === 'abandon') broken += 1;
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
        },
      }),
  });
  stallMs = 8_000;
  await database.pool.query(`INSERT INTO things SELECT g, 'x' FROM generate_series(1, 1500) g`);
  await caughtUp();
  expect(broken).toBe(0);
  expect(await changesIn(log)).toHaveLength(1_500);
});
