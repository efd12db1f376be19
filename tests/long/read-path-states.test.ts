import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openHalo } from '@halo/client';
import type { Halo } from '@halo/client';
import { nodeStore } from '@halo/client/node';
import type { DeviceAnswer, DeviceList } from '@halo/shapes/protocol/inspector-devices.ts';
import type { Overview, Replication } from '@halo/shapes/protocol/inspector.ts';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { insertCounties, insertIncident } from '../support/incident-rows.ts';
import { ownCluster } from '../support/own-cluster.ts';
import {
  accessToken,
  OPERATOR,
  registerAccount,
  startServerProcess,
  stopServerProcess,
} from '../support/server.ts';

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
  // Readers are told apart by their log-ins.
  const ask = (token: string) =>
    fetch(`${server.url}/v1/shapes/incidents?region=01&offset=-1&session=${crypto.randomUUID()}`, {
      headers: { authorization: `Bearer ${token}` },
    });
  const [lost, kept] = [await accessToken(server.url, OPERATOR), await accessToken(server.url, OPERATOR)];
  expect((await ask(lost)).status).toBe(200);

  // What an operator sees of two devices, of which one will be cut off.
  const proxy = await startFaultProxy(server.url);
  onTestFinished(() => proxy.close());
  const near = await openDevice(server.url, server.url);
  const far = await openDevice(server.url, proxy.url);
  const inspect = async <Body>(path: string, method = 'GET') => {
    const answer = await fetch(`${server.url}/api/v1/admin/sync${path}`, {
      method,
      headers: { authorization },
    });
    return { status: answer.status, body: (await answer.json()) as Body };
  };
  const see = async () => {
    const { body } = await inspect<DeviceList>('/devices');
    const of = async (halo: Halo) => {
      const id = await halo.outbox.deviceId();
      return body.devices.find((device) => device.id === id);
    };
    return { near: await of(near), far: await of(far) };
  };
  const looksWell = (device: DeviceAnswer | undefined) => {
    expect(device).toMatchObject({ state: 'live', reason: { code: 'up_to_date' }, outbox: { pending: 0 } });
    expect(device!.contact.ageSeconds).toBeLessThan(device!.contact.dueSeconds);
  };
  const bothWell = async () => {
    const seen = await see();
    looksWell(seen.near);
    looksWell(seen.far);
    return seen;
  };
  await eventually(bothWell, { withinMs: 60_000 });

  // Healthy and idle: no lag, and none that grows.
  await eventually(async () => expect((await look()).states).toEqual(['live']));
  await eventually(async () => expect(await look()).toMatchObject({ lagS: 0, lagBytes: 0 }));
  for (let i = 0; i < 6; i += 1) {
    await delay(2_000);
    // What has just been written may be on its way; what stays is lag.
    const isWell = { states: ['live'], lagS: 0, lagBytes: 0, ready: 200, unwell: [] };
    await eventually(async () => expect(await look()).toMatchObject(isWell), { withinMs: 2_500 });
    await bothWell();
  }
  // Asked over the wire it is on anyway, a device says whether its replica is right.
  const nearId = (await near.outbox.deviceId())!;
  expect((await inspect(`/devices/${nearId}/checks`, 'POST')).status).toBe(202);

  // Healthy under load: the log moves, and is never far behind.
  const before = (await look()).position;
  for (let i = 0; i < 200; i += 1) await insertIncident(database.pool, { region: '01' });
  const busy = await look();
  expect(busy).toMatchObject({ states: ['live'], ready: 200 });
  expect(busy.position).toBeGreaterThan(before);
  expect(busy.lagS).toBeLessThan(15);
  const underLoad = await bothWell();
  expect(underLoad.near!.shapes.map(({ shape }) => shape)).toContain('incidents?region=01');
  await eventually(
    async () => {
      const { body } = await inspect<{ lastCheck: object | null; appVersion: string }>(`/devices/${nearId}`);
      expect(body).toMatchObject({ appVersion: 'test', lastCheck: { state: 'answered', right: true } });
    },
    { withinMs: 60_000 },
  );

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
  // Both devices are there; nobody knows what they lack, and nobody says that it is nothing.
  await eventually(async () => {
    const seen = await see();
    for (const device of [seen.near, seen.far]) {
      expect(device).toMatchObject({ state: 'stalled', reason: { code: 'head_unknown' }, behindBytes: null });
    }
  });
  const replication = (await inspect<Replication>('/replication')).body.instances[0]!;
  expect(replication).toMatchObject({ self: true, state: 'silent' });
  expect(replication.lag.provedSecondsAgo).toBeGreaterThan(0);
  expect((await inspect<Overview>('')).body).toMatchObject({
    verdict: 'replication_down',
    devices: { live: 0 },
  });
  process.kill(pid, 'SIGCONT');
  await eventually(async () => expect(await look()).toMatchObject({ states: ['live'], lagS: 0, ready: 200 }));

  // A device cut off, whose connections stay: it is offline, and the other one is well.
  await eventually(bothWell, { withinMs: 60_000 });
  proxy.silence();
  await eventually(
    async () => {
      const seen = await see();
      looksWell(seen.near);
      expect(seen.far).toMatchObject({ state: 'offline', reason: { code: 'no_contact' } });
    },
    { withinMs: 45_000 },
  );
  const cutOff = (await see()).far!.contact;
  await delay(2_000);
  expect((await see()).far!.contact.ageSeconds).toBeGreaterThan(cutOff.ageSeconds!);
  expect((await inspect<Overview>('')).body).toMatchObject({ verdict: 'well' });

  // A client cut off: all else is well, and one session is silent.
  await eventually(
    async () => {
      await ask(kept);
      expect(await look()).toMatchObject({ states: ['live'], lagS: 0, ready: 200 });
      expect((await look()).silent).toBeGreaterThanOrEqual(1);
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
  expect(await inspect('/devices')).toMatchObject({ status: 503, body: { code: 'database_unavailable' } });

  // It comes back by itself.
  await cluster.start();
  await eventually(
    async () => expect(await look()).toMatchObject({ states: ['live'], lagS: 0, ready: 200 }),
    {
      withinMs: 60_000,
    },
  );
  await eventually(async () => looksWell((await see()).near), { withinMs: 60_000 });
}, 300_000);

/** A device of a person of its own, which reaches the server at `url`. */
async function openDevice(server: string, url: string): Promise<Halo> {
  const dir = mkdtempSync(join(tmpdir(), 'halo-inspected-'));
  const { email, password } = await registerAccount(server, 'device');
  const halo = await openHalo({
    url,
    store: nodeStore(dir),
    auth: { email, password },
    shapes: [{ name: 'incidents', params: { region: '01' } }],
    appVersion: 'test',
  });
  onTestFinished(async () => {
    await halo.close();
    rmSync(dir, { recursive: true, force: true });
  });
  await halo.whenLive();
  return halo;
}
