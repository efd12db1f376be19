import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { createTestDatabase, useTestDatabase } from './database.ts';
import { eventually } from './eventually.ts';
import { startFaultProxy } from './fault-proxy.ts';
import { startHttpServer } from './http.ts';

it('gives each test a migrated database, and drops it with its slots', async () => {
  const database = await createTestDatabase();
  const other = await useTestDatabase({ migrate: false });
  const migrated = await database.pool.query('SELECT name FROM migrations');
  expect(migrated.rowCount).toBeGreaterThan(0);
  await database.pool.query(
    `SELECT pg_create_logical_replication_slot('slot_of_' || current_database(), 'pgoutput')`,
  );
  await database.drop();
  const left = await other.pool.query(
    'SELECT datname FROM pg_database WHERE datname = $1 UNION ALL SELECT slot_name FROM pg_replication_slots WHERE database = $1',
    [database.name],
  );
  expect(left.rows).toEqual([]);
});

it('fails with the last fault when a condition never comes', async () => {
  await expect(eventually(() => false, { withinMs: 50 })).rejects.toThrow(/stayed false/);
  let tries = 0;
  expect(await eventually(() => (tries += 1) > 2 && 'three tries')).toBe('three tries');
});

it('refuses, cuts, halves, holds and swallows what passes through the relay', async () => {
  const origin = await startHttpServer((_, response) => void response.end('x'.repeat(1000)));
  const relay = await startFaultProxy(origin.url);
  const get = async () => (await fetch(`${relay.url}/a`, { headers: { connection: 'close' } })).text();
  try {
    expect(await get()).toHaveLength(1000);
    relay.onAnswer('GET /a', () => 'cut');
    await expect(get()).rejects.toThrow();
    relay.onAnswer('GET /a', () => 'half');
    await expect(get()).rejects.toThrow();
    relay.onAnswer('GET /a', () => 'hold');
    const held = get();
    await eventually(() => origin.requests().length === 4);
    relay.release();
    expect(await held).toHaveLength(1000);
    relay.onAnswer('GET /a', undefined);

    relay.silence();
    const swallowed = fetch(relay.url, { signal: AbortSignal.timeout(300) });
    await expect(swallowed).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(origin.requests()).toHaveLength(4);
    relay.down();
    await expect(get()).rejects.toThrow();
    relay.up();
    expect(await get()).toHaveLength(1000);
    expect(relay.count('GET /a')).toBe(5);
  } finally {
    await relay.close();
    await origin.close();
  }
  await expect(reachable(origin.url)).resolves.toBe(false);
});

function reachable(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.unref();
  });
}
