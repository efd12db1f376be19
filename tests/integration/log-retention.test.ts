import { describe, expect, it, onTestFinished } from 'vitest';
import { movableClock } from '../support/auth.ts';
import { useTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { insertCounties, insertIncident } from '../support/incident-rows.ts';
import { StrictShapeReader } from '../support/shape-client.ts';
import { startShapeServer } from '../support/shape-server.ts';
import { startRawUpstream, UPSTREAM_SECRET } from '../support/upstream.ts';
import type { ShapeServer, ShapeServerOptions } from '../support/shape-server.ts';

const DAY_MS = 24 * 3_600_000;

async function start(options: ShapeServerOptions): Promise<{ database: TestDatabase; server: ShapeServer }> {
  const database = await useTestDatabase();
  await insertCounties(database.pool, ['01']);
  await insertIncident(database.pool, { region: '01' });
  const server = await startShapeServer(database, options);
  onTestFinished(() => server.stop());
  return { database, server };
}

const incidents = ({ url }: ShapeServer) =>
  new StrictShapeReader(url, '/v1/shapes/incidents', { region: '01' });

/** Someone who was away for too long is told so once, and someone who was not is told nothing. */
async function expectOneRefetch(database: TestDatabase, away: StrictShapeReader, present: StrictShapeReader) {
  await insertIncident(database.pool, { region: '01' });
  const { rows } = await database.pool.query<{ id: string }>(`SELECT id FROM incidents WHERE region = '01'`);
  for (const reader of [away, present]) {
    await eventually(async () => {
      await reader.catchUp();
      return reader.rows.size === rows.length;
    });
    expect([...reader.rows.values()].map(({ id }) => id).toSorted()).toEqual(
      rows.map(({ id }) => id).toSorted(),
    );
  }
  for (let again = 0; again < 3; again += 1) await away.step();
  expect([away.refetches, present.refetches]).toEqual([1, 0]);
}

describe('a reader whose place the log does not reach back to', () => {
  it('invariant 6: is told to fetch anew once, where the log grew too old though nothing was written', async () => {
    const clock = movableClock();
    const { database, server } = await start({ logAge: { maxAgeMs: 8 * DAY_MS, clock } });
    const { log, caughtUp } = server.readPath;
    const [away, present] = [incidents(server), incidents(server)];
    for (const reader of [away, present]) await reader.catchUp();
    for (let day = 0; day < 12; day += 1) {
      clock.advance(DAY_MS + 1);
      // What others write moves the position, and nothing else.
      await caughtUp();
      await log.sync();
      await present.catchUp();
      if (day < 7) expect(log.covers({ kind: 'log', lsn: away.lsn, op: 'end' }), `day ${day}`).toBe(true);
    }
    expect(log.covers({ kind: 'log', lsn: away.lsn, op: 'end' })).toBe(false);
    await expectOneRefetch(database, away, present);
  });

  it('invariant 6: is told to fetch anew once, where the log grew too large', async () => {
    const { database, server } = await start({ logBytes: 64 * 1024, segmentBytes: 16 * 1024 });
    const { log, caughtUp } = server.readPath;
    const [away, present] = [incidents(server), incidents(server)];
    for (const reader of [away, present]) await reader.catchUp();
    for (let round = 0; log.covers({ kind: 'log', lsn: away.lsn, op: 'end' }); round += 1) {
      // Far less than the log holds: who is present is never left behind by one round.
      for (let i = 0; i < 5; i += 1) await insertIncident(database.pool, { region: '01' });
      await caughtUp();
      await present.catchUp();
      expect(round).toBeLessThan(500);
    }
    expect(log.bytes()).toBeLessThan(100 * 1024);
    await expectOneRefetch(database, away, present);
  });

  it('invariant 6: is told nothing while he is there, though nothing changes for him on the raw endpoint', async () => {
    const clock = movableClock();
    const database = await useTestDatabase();
    await database.pool.query(`
      CREATE TABLE calm (id int PRIMARY KEY); INSERT INTO calm VALUES (1);
      CREATE TABLE busy (id int PRIMARY KEY, words text NOT NULL);`);
    const { url, readPath } = await startRawUpstream(database, {
      ...{ logBytes: 64 * 1024, segmentBytes: 8 * 1024, logAge: { maxAgeMs: 8 * DAY_MS, clock } },
    });
    const raw = (table: string) =>
      new StrictShapeReader(url, '/v1/shape', { table, secret: UPSTREAM_SECRET });
    const [calm, away, busy] = [raw('calm'), raw('calm'), raw('busy')];
    for (const reader of [calm, away, busy]) await reader.catchUp();
    expect(calm.offset).toBe('0_inf');
    const begun = readPath.log.start();
    for (let round = 0; round < 30; round += 1) {
      await database.pool.query(`INSERT INTO busy VALUES ($1, repeat('x', 6000))`, [round]);
      await readPath.caughtUp();
      await calm.catchUp();
    }
    // Once for its size, and once for its age.
    const grown = readPath.log.start();
    expect(grown).toBeGreaterThan(begun);
    for (let day = 0; day < 20; day += 1) {
      clock.advance(DAY_MS + 1);
      await readPath.caughtUp();
      await readPath.log.sync();
      await calm.catchUp();
    }
    expect(readPath.log.start()).toBeGreaterThan(grown);
    await database.pool.query('INSERT INTO calm VALUES (2)');
    await readPath.caughtUp();
    for (const reader of [calm, away]) {
      await reader.catchUp();
      expect(reader.rows.size).toBe(2);
    }
    expect([calm.refetches, away.refetches]).toEqual([0, 1]);
  });

  it('keeps age over a restart: segments know from their files when they were written', async () => {
    const clock = movableClock();
    const logAge = { maxAgeMs: 8 * DAY_MS, clock };
    const { database, server } = await start({ logAge });
    const { log, caughtUp, dir, slotName } = server.readPath;
    // Only a segment with something in it is ended for its age.
    await caughtUp();
    await log.sync();
    clock.advance(2 * DAY_MS);
    await caughtUp();
    await log.sync();
    const begun = log.start();
    await server.stop();
    clock.advance(9 * DAY_MS);
    const again = await startShapeServer(database, { dir, slotName, logAge });
    onTestFinished(() => again.stop());
    await eventually(async () => {
      await again.readPath.caughtUp();
      await again.readPath.log.sync();
      return again.readPath.log.start() > begun;
    });
  });
});
