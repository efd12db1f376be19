import { setTimeout as delay } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { insertCounties, insertIncident } from '../support/incident-rows.ts';
import { ownCluster } from '../support/own-cluster.ts';
import { accessToken, OPERATOR, startServerProcess, stopServerProcess } from '../support/server.ts';

const STATES = ['live', 'behind', 'silent', 'disconnected', 'postgres_down'];

it('invariant 11 (O15): idle, busy, paused, a client cut off and Postgres down are five pictures', async () => {
  const cluster = await ownCluster();
  const database = await cluster.start();
  await insertCounties(database.pool, ['01']);
  const server = await startServerProcess(database.url);
  onTestFinished(() => stopServerProcess(server));
  const authorization = `Bearer ${await accessToken(server.url, OPERATOR)}`;

  const look = async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const value = (name: string) => {
      const found = new RegExp(`^${name.replaceAll(/[{}"]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1];
      return found === 'Nan' ? NaN : Number(found);
    };
    const ready = await fetch(`${server.url}/ready`);
    const { checks } = (await ready.json()) as { checks: { name: string; ok: boolean; reason?: string }[] };
    return {
      states: STATES.filter((state) => value(`halo_replication_state{state="${state}"}`) === 1),
      lagS: value('halo_replication_lag_seconds'),
      lagBytes: value('halo_replication_lag_bytes'),
      position: value('halo_change_log_position_bytes'),
      silent: value('halo_sessions_silent'),
      present: value('halo_sessions_present'),
      ready: ready.status,
      unwell: checks.filter(({ ok }) => !ok).map(({ name }) => name),
      alive: (await fetch(`${server.url}/health`)).status,
    };
  };
  const ask = (session: string) =>
    fetch(`${server.url}/v1/shapes/incidents?region=01&offset=-1&session=${session}`, {
      headers: { authorization },
    });
  const [lost, kept] = [crypto.randomUUID(), crypto.randomUUID()];
  expect((await ask(lost)).status).toBe(200);

  // Healthy and idle: no lag, and none that grows.
  await eventually(async () => expect((await look()).states).toEqual(['live']));
  await eventually(async () => expect(await look()).toMatchObject({ lagS: 0, lagBytes: 0 }));
  for (let i = 0; i < 6; i += 1) {
    await delay(2_000);
    expect(await look()).toMatchObject({ states: ['live'], lagS: 0, lagBytes: 0, ready: 200, unwell: [] });
  }

  // Healthy under load: the log moves, and is never far behind.
  const before = (await look()).position;
  for (let i = 0; i < 200; i += 1) await insertIncident(database.pool, { region: '01' });
  const busy = await look();
  expect(busy).toMatchObject({ states: ['live'], ready: 200 });
  expect(busy.position).toBeGreaterThan(before);
  expect(busy.lagS).toBeLessThan(15);

  // Replication paused: the connection is there, nothing was written since, and yet it is not well.
  const { rows } = await database.pool.query<{ pid: number }>(
    'SELECT active_pid AS pid FROM pg_replication_slots WHERE active',
  );
  const { pid } = rows[0]!;
  onTestFinished(() => {
    try {
      process.kill(pid, 'SIGCONT');
    } catch {
      // It has ended.
    }
  });
  process.kill(pid, 'SIGSTOP');
  await eventually(async () => expect((await look()).states).toEqual(['silent']), { withinMs: 45_000 });
  const paused = await look();
  expect(paused).toMatchObject({ ready: 503, unwell: ['replication'], alive: 200 });
  await delay(2_000);
  expect((await look()).lagS).toBeGreaterThan(paused.lagS);
  process.kill(pid, 'SIGCONT');
  await eventually(async () => expect(await look()).toMatchObject({ states: ['live'], lagS: 0, ready: 200 }));

  // A client cut off: all else is well, and one session is silent.
  await eventually(
    async () => {
      await ask(kept);
      expect(await look()).toMatchObject({ states: ['live'], lagS: 0, silent: 1, present: 1, ready: 200 });
    },
    { withinMs: 60_000 },
  );

  // Postgres down: nothing is known any more, and nothing stays at its last good value.
  await cluster.stop();
  await eventually(async () => expect((await look()).states).toEqual(['postgres_down']));
  const down = await look();
  expect(down).toMatchObject({ ready: 503, alive: 200, lagBytes: NaN });
  expect(down.unwell).toEqual(expect.arrayContaining(['postgres', 'replication']));
  await delay(2_000);
  expect((await look()).lagS).toBeGreaterThan(down.lagS);

  // It comes back by itself.
  await cluster.start();
  await eventually(
    async () => expect(await look()).toMatchObject({ states: ['live'], lagS: 0, ready: 200 }),
    {
      withinMs: 60_000,
    },
  );
}, 240_000);
