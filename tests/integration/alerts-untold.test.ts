import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Overview } from '@halo/shapes/protocol/inspector.ts';
import { startServer } from '../../server/compose/server.ts';
import { loadConfig } from '../../server/config/config.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { useAlertReceiver } from '../support/alert-receiver.ts';
import { useTestDatabase } from '../support/database.ts';
import { accessToken, OPERATOR } from '../support/server.ts';

/** A Halo that tells its alerts by the webhook, or by none, and an operator who asks it. */
async function useHalo(webhook: string | undefined) {
  const { url: databaseUrl, pool } = await useTestDatabase();
  const dir = mkdtempSync(join(tmpdir(), 'halo-alerts-untold-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const config = loadConfig({
    DATABASE_URL: databaseUrl,
    HALO_DATA_DIR: dir,
    HALO_ADMIN_EMAIL: OPERATOR.email,
    HALO_ADMIN_PASSWORD: OPERATOR.password,
    HALO_BACKUP_DIR: 'off',
    HALO_ALERT_WEBHOOK: webhook,
    HALO_ALERT_FORMAT: 'json',
    HALO_PUBLIC_URL: 'https://halo.example',
    POLISEN_FEED_URL: 'off',
    PORT: '0',
  });
  const server = await startServer(config, createLogger('silent'), () => {});
  onTestFinished(() => server.stop());
  const token = await accessToken(server.url, OPERATOR);
  const ask = (method: string, path: string) =>
    fetch(`${server.url}/api/v1/admin${path}`, { method, headers: { authorization: `Bearer ${token}` } });
  const untold = async () => {
    const { findings } = (await (await ask('GET', '/sync')).json()) as Overview;
    return findings.filter(({ code }) => code === 'alerts_untold').length;
  };
  return { pool, ask, untold };
}

/** An open alert of another instance, which is the one to tell it, raised so many minutes ago. */
const RAISED = `INSERT INTO alerts (id, name, subject, scope, instance, what, since, raised_at, tell_from)
  SELECT gen_random_uuid(), 'devices_silent', 'elsewhere', 'instance', 'elsewhere', 'It is so.', at, at, at
  FROM (SELECT now() - make_interval(mins => $1) AS at) AS raised`;

it('says to whoever looks that an open alert was told to nobody, until it is', async () => {
  const { url } = await useAlertReceiver();
  const { pool, untold } = await useHalo(url);
  await pool.query(RAISED, [1]);
  expect(await untold()).toBe(0);
  await pool.query(`UPDATE alerts SET tell_from = tell_from - interval '5 min' WHERE told_at IS NULL`);
  expect(await untold()).toBe(1);
  await pool.query('UPDATE alerts SET told_at = now() WHERE told_at IS NULL');
  expect(await untold()).toBe(0);
});

it('says nothing of it where nobody is to be told', async () => {
  const { pool, untold } = await useHalo(undefined);
  await pool.query(RAISED, [6]);
  expect(await untold()).toBe(0);
});

it('tells an operator who tries it what the webhook said, never where it is, and leaves it alone after ten times', async () => {
  const receiver = await useAlertReceiver();
  const { pool, ask } = await useHalo(receiver.url);
  const attempt = async () => {
    const answer = await ask('POST', '/alerts/trial');
    return { status: answer.status, body: await answer.json() };
  };
  const trials = () => receiver.taken.filter(({ event }) => event === 'trial');
  receiver.answer(404);
  expect(await attempt()).toEqual({
    status: 200,
    body: { outcome: 'refused', reason: 'it answered 404' },
  });
  receiver.answer(200);
  expect(await attempt()).toEqual({ status: 200, body: { outcome: 'taken', reason: null } });
  expect(trials()).toMatchObject([{ url: 'https://halo.example/console/alerts' }]);
  for (let count = 2; count < 10; count += 1) expect((await attempt()).status).toBe(200);
  expect((await attempt()).status).toBe(429);
  expect(trials()).toHaveLength(9);
  const { rows } = await pool.query(`SELECT target_kind FROM audit_log WHERE action = 'alerts.tried'`);
  expect(rows).toHaveLength(10);
});

it('says to whoever tries it that no webhook is set', async () => {
  const { ask } = await useHalo(undefined);
  const answer = await ask('POST', '/alerts/trial');
  expect(await answer.json()).toEqual({ outcome: 'no_webhook', reason: null });
});
