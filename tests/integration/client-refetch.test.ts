import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { nodeStore } from '@halo/client/node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { memoryPostgres } from '../support/prepared-replica.ts';
import { eventually } from '../support/eventually.ts';
import { replicaWith, useClients } from './client-fixtures.ts';
import { incident } from './client-samples.ts';

const clients = useClients();
const PATH = '/v1/shapes/incidents';

/** One Postgres for all restarts: what a restart costs is not what is looked at. */
let database: PGlite;
beforeAll(async () => {
  database = await memoryPostgres();
});
afterAll(() => database.close());

const device = () => {
  const store = nodeStore(join(clients.dir, 'device'));
  const kept = replicaWith(database, { close: () => Promise.resolve() });
  return clients.device({ store: { ...store, openReplica: () => Promise.resolve(kept) } });
};
const asked = () => clients.server.requests.filter(({ path }) => path === PATH).map(({ query }) => query);

it('(O2) one 409 in all: rows stay in sight, and five restarts go on from the new handle, in its midst too', async () => {
  clients.server.commit(Array.from({ length: 9 }, (_, n) => incident(n + 1)));
  let halo = await device();
  await halo.whenLive();
  const seen: number[] = [];
  const watch = () =>
    halo.live('SELECT count(*)::int AS n FROM incidents', [], ([row]) => seen.push(row!['n'] as number));
  watch();
  clients.server.rowsPerChunk = 2;
  let passed = 0;
  clients.server.intercept = ({ path, query }, _request, response) => {
    if (path !== PATH || !query.get('offset')!.startsWith('0_')) return false;
    // The second part comes; the third does not, until the device has been started again.
    if (passed++ < 1) return false;
    response.destroy();
    return true;
  };
  const before = asked().length;
  clients.server.rotate();
  await eventually(() => passed > 2);
  expect(await halo.query('SELECT id FROM incidents')).toHaveLength(9);
  for (let restart = 1; restart <= 5; restart += 1) {
    await halo.close();
    const from = asked().length;
    if (restart === 2) clients.server.intercept = () => false;
    halo = await device();
    watch();
    if (restart === 1) await eventually(() => asked().length > from);
    else await halo.whenLive();
    expect(asked()[from]!.get('handle')).toBe('incidents-region-01-g2');
    expect(asked()[from]!.get('offset')).toMatch(restart <= 2 ? /^0_1$/ : /^\d{4}_0$/);
    expect(await halo.query('SELECT id FROM incidents')).toHaveLength(9);
  }
  const later = asked().slice(before);
  expect(later.filter((query) => query.get('offset') === '-1')).toHaveLength(1);
  // Only what waited when the handles became worthless had the old one: that was answered 409, and nothing after it.
  expect(later.filter((query) => query.get('handle')?.endsWith('-g1') === true).length).toBeLessThanOrEqual(
    1,
  );
  expect(new Set(seen)).toEqual(new Set([9]));
});
