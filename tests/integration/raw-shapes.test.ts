import { describe, expect, it, onTestFinished } from 'vitest';
import { useTestDatabase } from '../support/database.ts';
import { rawStatus } from '../support/raw-request.ts';
import { StrictShapeReader } from '../support/shape-client.ts';
import { startServerProcess, stopServerProcess } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';

const SECRET = 'a secret of the tests';
const env = { HALO_SHAPE_SECRET: SECRET };

async function database() {
  const made = await useTestDatabase();
  await made.pool.query(`
    CREATE SCHEMA shop;
    CREATE TABLE shop."Orders" (id int PRIMARY KEY, "Customer" text, note text);
    INSERT INTO shop."Orders" SELECT i, 'c' || i % 2, 'n' || i FROM generate_series(1, 6) i`);
  return made;
}

async function serve(
  databaseUrl: string,
  options: Parameters<typeof startServerProcess>[1] = {},
): Promise<TestServer> {
  const server = await startServerProcess(databaseUrl, options);
  onTestFinished(() => stopServerProcess(server));
  return server;
}

const ORDERS = { table: 'shop."Orders"', where: `"Customer" = $1`, 'params[1]': 'c1', secret: SECRET };

describe('the raw endpoint', () => {
  it('invariant 8: is not there without a secret, and refuses who does not bring it, however he spells it', async () => {
    const { url } = await database();
    const closed = await serve(url);
    expect((await fetch(`${closed.url}/v1/shape?table=users&offset=-1`)).status).toBe(404);
    const open = await serve(url, { env });
    const asked = [
      '/v1/shape?table=users&offset=-1',
      '/v1/shape?table=users&offset=-1&secret=',
      `/v1/shape?table=users&offset=-1&secret=${encodeURIComponent(SECRET.slice(0, -1))}`,
      '/v1/shape',
    ];
    for (const method of ['GET', 'POST', 'HEAD', 'DELETE']) {
      for (const path of asked) expect((await fetch(open.url + path, { method })).status, path).toBe(401);
    }
    const query = '?table=users&offset=-1';
    const secret = `&secret=${encodeURIComponent(SECRET)}`;
    for (const path of [
      '/v1/shape/',
      '//v1/shape',
      '/v1/sha%70e',
      '/V1/shape',
      '/v1/shape;x',
      '/v1/shape/.',
    ]) {
      expect(await rawStatus(open.url, { target: path + query + secret }), path).toBe(404);
    }
    // These are the same path, and guarded as it is.
    for (const path of ['/v1/shapes/../shape', '/v1/shapes/%2e%2E/shape', '/v1/./shape', '/x/../v1/shape']) {
      for (const method of ['GET', 'POST', 'HEAD', 'DELETE']) {
        expect(await rawStatus(open.url, { method, target: path + query }), `${method} ${path}`).toBe(401);
        expect(await rawStatus(closed.url, { method, target: path + query + secret }), path).toBe(404);
      }
      expect(await rawStatus(open.url, { target: path + query + secret }), path).toBe(200);
    }
    // What would delete is not allowed by another name.
    const override = { 'x-http-method-override': 'DELETE' };
    expect(await rawStatus(open.url, { target: `/v1/shape${query}${secret}`, headers: override })).toBe(200);
  });

  it('publishes many tables at once, also for two servers', async () => {
    const { url, pool } = await database();
    const tables = Array.from({ length: 20 }, (_, i) => `t${i}`);
    await pool.query(tables.map((table) => `CREATE TABLE ${table} (id int PRIMARY KEY)`).join(';'));
    const servers = await Promise.all([serve(url, { env }), serve(url, { env })]);
    const answers = await Promise.all(
      tables.flatMap((table) =>
        servers.map(async (server) => {
          const query = new URLSearchParams({ table, offset: '-1', secret: SECRET });
          const answer = await fetch(`${server.url}/v1/shape?${query.toString()}`);
          return [answer.status, await answer.text()];
        }),
      ),
    );
    expect(answers.filter(([status]) => status !== 200)).toEqual([]);
  });

  it('invariant 5: follows any table, published when it is first asked for, and over kill -9 without a refetch', async () => {
    const { url, pool } = await database();
    const first = await startServerProcess(url, { env });
    const orders = new StrictShapeReader(first.url, '/v1/shape', ORDERS);
    const idle = new StrictShapeReader(first.url, '/v1/shape', { ...ORDERS, 'params[1]': 'c0' });
    for (const reader of [orders, idle]) await reader.catchUp();
    expect(idle.offset).toBe('0_inf');
    await pool.query(`UPDATE shop."Orders" SET "Customer" = 'c1' WHERE id = 2`);
    await pool.query(`UPDATE shop."Orders" SET "Customer" = 'c7' WHERE id IN (1, 4)`);
    expect(await orders.step(true)).toBe(true);
    await first.process.kill('SIGKILL');
    await pool.query(`DELETE FROM shop."Orders" WHERE id = 3`);
    const second = await serve(url, { dataDir: first.dataDir, env });
    await pool.query(`INSERT INTO shop."Orders" VALUES (7, 'c1', 'late'), (8, 'c0', 'late')`);
    for (const reader of [orders, idle]) reader.url = second.url;
    await expectTruth(orders, 'c1');
    await expectTruth(idle, 'c0');
    expect([orders.refetches, idle.refetches]).toEqual([0, 0]);

    async function expectTruth(reader: StrictShapeReader, customer: string) {
      const { rows } = await pool.query(
        `SELECT id::text, "Customer", note FROM shop."Orders" WHERE "Customer" = $1 ORDER BY shop."Orders".id`,
        [customer],
      );
      await expect
        .poll(
          async () => {
            await reader.catchUp();
            return [...reader.rows.values()].toSorted((a, b) => Number(a['id']) - Number(b['id']));
          },
          { timeout: 20_000 },
        )
        .toEqual(rows);
    }
  });
});
