import { expect, it, onTestFinished } from 'vitest';
import { createTestAuth, movableClock } from '../support/auth.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { insertCounties } from '../support/incident-rows.ts';
import { RealtimeClient } from '../support/realtime-client.ts';
import { startRealtimeServer } from '../support/realtime-server.ts';

it('sockets are told once of each run that changed predictions of theirs, and of no other', async () => {
  const database = await useTestDatabase();
  const { pool } = database;
  await insertCounties(pool, ['01', '03']);
  await pool.query(
    `INSERT INTO models (id, place_kind, category, kind, cut_off, decision, reason, trained_at)
     VALUES ('01936d2a-0000-7000-8000-000000000001', 'municipality', 'all', 'baseline', now(), 'baseline', 'a test', now())`,
  );
  /** A run: all its rows in one transaction. */
  const run = (region: string, rows: number) =>
    pool.query(
      `INSERT INTO predictions (category, place, window_start, window_end, place_kind, region, lat, lon, expected, lower, upper, rank,
         band, reasons, model_id, cut_off, computed_at, valid_until)
       SELECT 'all', $1::text || n, date_trunc('hour', now()), now() + interval '6 hours', 'municipality', $1, 59.3, 18.1, random(), 0,
         9, n, 1, '[]', '01936d2a-0000-7000-8000-000000000001', now(), now(), now() + interval '1 hour'
       FROM generate_series(1, $2::int) n
       ON CONFLICT (category, place, window_start) DO UPDATE SET expected = EXCLUDED.expected, computed_at = EXCLUDED.computed_at`,
      [region, rows],
    );
  const auth = await createTestAuth(database, movableClock());
  const server = await startRealtimeServer(database, auth);
  onTestFinished(async () => {
    await server.stop();
    auth.remove();
  });
  await eventually(() => server.hub.reserve('a test')() === undefined);
  const client = await RealtimeClient.open(server.url, (await auth.login()).accessToken);
  client.send({
    type: 'subscribe',
    subscriptions: [
      { id: 'incidents' },
      { id: 'here', area: '0180', kinds: ['predictions'] },
      { id: 'there', area: '03', kinds: ['predictions', 'incident'] },
      { id: 'around', circle: { lat: 59.3, lon: 18.1, radiusM: 500 }, kinds: ['predictions'] },
    ],
  });
  await client.first('subscribed');
  // The feed of predictions begins by itself: what is told first may be any run after that.
  await eventually(async () => {
    await run('03', 1);
    return client.of('predictions').length > 0;
  });
  await run('01', 3_000);
  await eventually(() => client.of('predictions').some(({ regions }) => regions['01'] !== undefined));
  const of = (county: string) =>
    client.of('predictions').filter(({ regions }) => regions[county] !== undefined);
  expect(of('01').map(({ ids, regions }) => ({ ids, regions }))).toEqual([
    { ids: ['here', 'around'], regions: { '01': 3_000 } },
  ]);
  expect(of('03').every(({ ids }) => ids.join() === 'there,around')).toBe(true);
  expect(client.of('change')).toEqual([]);
  await client.leave();
});
