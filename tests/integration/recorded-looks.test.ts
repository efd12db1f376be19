import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { inTransaction } from '../../server/db/transaction.ts';
import { forgetInAuditLog, recordLook } from '../../server/audit/audit-log.ts';
import type { Actor } from '../../server/audit/audit-log.ts';
import { EXAMPLE_INSPECTED } from '../../server/inspector/examples.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { fillDatabase } from './rest-full-database.ts';
import { ADDRESS, startRest } from './rest-support.ts';
import type { RestApp } from './rest-support.ts';

const SYNC = '/api/v1/admin/sync';
const { device, mutation } = EXAMPLE_INSPECTED;

let database: TestDatabase;
let rest: RestApp;
let newest: string;
beforeAll(async () => {
  database = await createTestDatabase();
  rest = await startRest(database.pool);
  await fillDatabase(database.pool, { reporter: rest.people.ada, other: rest.people.bo });
});
afterAll(async () => {
  await rest.runs.close();
  await database.drop();
});
beforeEach(async () => {
  newest = (await entries('')).at(-1)?.id ?? '';
});

interface Entry {
  readonly id: string;
  readonly actor: string | null;
  readonly role: string;
  readonly action: string;
  readonly target: string;
  readonly address: string | null;
  readonly details: object;
}

/** What was written after an entry. */
async function entries(after = newest): Promise<Entry[]> {
  const { rows } = await database.pool.query<Entry>(
    `SELECT id::text, actor_id AS actor, actor_role AS role, action, target_kind || ' ' || target_id AS target, address, details
       FROM audit_log WHERE id::text > $1 ORDER BY id`,
    [after],
  );
  return rows;
}

/** Lets two hours pass for whatever was written. */
async function letTimePass(): Promise<void> {
  await inTransaction(database.pool, async (tx) => {
    // Else the table's trigger lets nobody change an entry.
    await tx.query('SET LOCAL session_replication_role = replica');
    await tx.query(`UPDATE audit_log SET at = at - interval '2 hours'`);
  });
}

it('who looks at the rows of a device leaves one entry an hour for each shape, with whose they are', async () => {
  const rows = `${SYNC}/devices/${device}/rows`;
  const { operator, ada } = rest.people;
  const entry = (shape: string) => ({
    ...{ actor: operator, role: 'operator', action: 'device.rows_read', target: `device ${device}` },
    ...{ address: ADDRESS, details: { userId: ada, shape } },
  });
  for (const query of ['my_reports&limit=1', 'my_reports', 'my_reports', 'my_watches'])
    await rest.get(`${rows}?shape=${query}`, 'operator');
  for (const region of ['01', '03'])
    await rest.get(`${rows}?shape=incidents%3Fregion%3D${region}`, 'operator');
  const seen = ['my_reports', 'my_watches', 'incidents'];
  expect(await entries()).toMatchObject(seen.map(entry));
  await letTimePass();
  await rest.get(`${rows}?shape=my_reports`, 'operator');
  expect(await entries()).toMatchObject([...seen, 'my_reports'].map(entry));
});

it('who looks at what a mutation asked for leaves one entry an hour, and who sees nothing leaves none', async () => {
  const path = `${SYNC}/mutations/${mutation}`;
  for (let look = 0; look < 3; look += 1) await rest.get(path, 'operator');
  const { operator, ada } = rest.people;
  const entry = {
    ...{ actor: operator, role: 'operator', action: 'mutation.read', target: `mutation ${mutation}` },
    ...{ address: ADDRESS, details: { userId: ada } },
  };
  expect(await entries()).toMatchObject([entry]);
  await letTimePass();
  await rest.get(path, 'operator');
  expect(await entries()).toMatchObject([entry, entry]);

  const before = await entries();
  for (const [who, nothing, status] of [
    ['ada', path, 403],
    ['officer', path, 403],
    ['operator', `${SYNC}/mutations/${crypto.randomUUID()}`, 404],
    ['operator', `${SYNC}/devices/${crypto.randomUUID()}/rows?shape=my_watches`, 404],
    ['operator', `${SYNC}/devices/${device}/rows?shape=nothing`, 404],
    ['operator', `${SYNC}/devices/${device}/rows?shape=my_watches&cursor=bm8`, 400],
  ] as const)
    expect((await rest.ask(who, 'GET', nothing)).status, nothing).toBe(status);
  expect(await entries()).toEqual(before);
});

it('the same look by another person, from another address, or at another thing leaves an entry of its own', async () => {
  const { operator, officer, bo } = rest.people;
  const look = (userId: string, address: string | undefined, id: string) => {
    const origin = address === undefined ? undefined : { address, requestId: null };
    const actor: Actor = { userId, origin };
    const target = { kind: 'mutation', id };
    return recordLook(database.pool, actor, { action: 'mutation.read', target, details: { userId: bo } });
  };
  for (let time = 0; time < 2; time += 1) {
    await look(operator, '192.0.2.1', 'm1');
    await look(officer, '192.0.2.1', 'm1');
    await look(operator, '192.0.2.2', 'm1');
    await look(operator, undefined, 'm1');
    await look(operator, '192.0.2.1', 'm2');
  }
  expect((await entries()).map(({ actor, address, target }) => [actor, address, target])).toEqual([
    [operator, '192.0.2.1', 'mutation m1'],
    [officer, '192.0.2.1', 'mutation m1'],
    [operator, '192.0.2.2', 'mutation m1'],
    [operator, null, 'mutation m1'],
    [operator, '192.0.2.1', 'mutation m2'],
  ]);
  // Whose it was goes with him.
  await inTransaction(database.pool, (tx) => forgetInAuditLog(tx, bo));
  expect((await entries()).map(({ details }) => details)).toEqual([{}, {}, {}, {}, {}]);
});
