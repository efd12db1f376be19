import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHalo } from '@halo/client';
import type { Halo } from '@halo/client';
import { nodeStore } from '@halo/client/node';
import type { AuditEntry } from '@halo/shapes/protocol/audit-log.ts';
import type { DeviceCheck } from '@halo/shapes/protocol/inspector-devices.ts';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../support/chromium.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import {
  OPERATOR,
  accessToken,
  registerAccount,
  startServerProcess,
  stopServerProcess,
} from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { insertSmallModel } from './console-model.ts';
import { launchForConsole, logIn, openDesk, seesPage } from './console-pages.ts';
import { insertConsoleRows } from './console-rows.ts';

const MODEL = '00000000-0000-7000-8009-000000000001';

describe.skipIf(chromiumPath === undefined)('what operators do in the console', { timeout: 480_000 }, () => {
  let browser: Browser;
  let database: TestDatabase;
  let server: TestServer;
  let token: string;
  beforeAll(async () => {
    browser = await launchForConsole();
    database = await createTestDatabase();
    server = await startServerProcess(database.url);
    token = await accessToken(server.url, OPERATOR);
  });
  afterAll(async () => {
    await browser?.close();
    await stopServerProcess(server);
    await database.drop();
  });

  const get = async <Body>(path: string): Promise<Body> => {
    const answer = await fetch(`${server.url}/api/v1/admin/${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.status, path).toBe(200);
    return (await answer.json()) as Body;
  };

  it('pins, unpins and rolls back a model; the API has it, and another tab’s audit log without being asked', async () => {
    await firstRunIsOver(database);
    await insertSmallModel(database.pool, MODEL);
    const desk = await openDesk(browser, `${server.url}/console/audit`);
    const { page: audit, context } = desk;
    await logIn(audit);
    await audit.getByRole('cell', { name: 'operator.first_made' }).waitFor();
    const asked: string[] = [];
    const page = await context.newPage();
    await page.goto(`${server.url}/console/models/${MODEL}`);
    await page.getByRole('heading', { level: 1, name: /^Model of/ }).waitFor();
    audit.on('request', (request) => asked.push(request.url()));
    const series = async () => (await get<{ series: SeriesState }>(`models/${MODEL}`)).series;
    const comes = (action: string) => audit.getByRole('row').filter({ hasText: action }).waitFor();

    const before = (await series()).modelId;
    expect(before).not.toBe(MODEL);
    await press(page, 'Pin this model');
    await comes('model.pinned');
    expect(await series()).toMatchObject({ modelId: MODEL, pinned: true });
    await press(page, 'Unpin');
    await comes('series.unpinned');
    expect(await series()).toMatchObject({ modelId: MODEL, pinned: false });
    await press(page, 'Roll back');
    await comes('series.rolled_back');
    expect(await series()).toMatchObject({ modelId: before, pinned: false });
    await seesPage(page, /^Model of/);

    const log = await get<{ entries: AuditEntry[] }>('audit-log?limit=3');
    expect(log.entries.map(({ action, targetId, outcome }) => [action, targetId, outcome])).toEqual([
      ['series.rolled_back', 'cell-9/all', 'done'],
      ['series.unpinned', 'cell-9/all', 'done'],
      ['model.pinned', MODEL, 'done'],
    ]);
    expect(asked.filter((url) => url.includes('/audit-log'))).toEqual([]);
    // What is not looked at does not come.
    await audit.getByLabel('Act').selectOption('model.pinned');
    await audit.getByRole('row').filter({ hasText: 'series.unpinned' }).waitFor({ state: 'detached' });
    await comes('model.pinned');
    await seesPage(audit, 'Audit log');
    expect(desk.faults).toEqual([]);
    await context.close();
  });

  it('asks a real device whether its replica is right, and shows that it is, or that a row of it was altered', async () => {
    await insertConsoleRows(database.pool, 20);
    const person = await registerAccount(server.url, 'ada');
    const dir = mkdtempSync(join(tmpdir(), 'halo-device-'));
    const halo = await openHalo({
      url: server.url,
      store: nodeStore(dir),
      auth: { email: person.email, password: person.password },
      shapes: [{ name: 'incidents', params: { region: '01' } }],
    });
    const desk = await openDesk(browser, `${server.url}/console`);
    try {
      await halo.whenLive();
      const id = await deviceOf(database, person.id);
      await logIn(desk.page);
      await desk.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
      await desk.page.goto(`${server.url}/console/devices/${id}`);
      await askedAndAnswered(desk.page, halo);
      const { checks } = await get<{ checks: DeviceCheck[] }>(`sync/devices/${id}/checks`);
      expect(checks.map(({ right }) => right)).toEqual([false, true]);
      expect(checks[0]!.answer!.shapes.filter(({ outcome }) => outcome === 'different')).toMatchObject([
        { shape: 'incidents?region=01', rebuilt: true, deviceRows: 140, serverRows: 140 },
      ]);
      const { entries } = await get<{ entries: AuditEntry[] }>('audit-log?action=device.check_asked');
      expect(entries).toHaveLength(2);
      await seesPage(desk.page, /^Device/);
      expect(desk.faults).toEqual([]);
    } finally {
      await desk.context.close();
      await halo.close();
      rmSync(dir, { recursive: true, force: true });
    }
  });
});

interface SeriesState {
  readonly modelId: string;
  readonly pinned: boolean;
}

/** Every series has a baseline once the training and the scoring of the start are over. */
async function firstRunIsOver({ pool }: TestDatabase): Promise<void> {
  await eventually(
    async () => {
      const { rows } = await pool.query<{ running: number; speaks: number }>(
        `SELECT (SELECT count(*) FROM job_runs WHERE state = 'running')::int AS running, count(*)::int AS speaks
         FROM champions WHERE place_kind = 'cell-9' AND category = 'all'`,
      );
      expect(rows[0]).toEqual({ running: 0, speaks: 1 });
    },
    { withinMs: 60_000 },
  );
}

/** Presses what changes what people are shown, and says yes when asked again. */
async function press(page: Page, label: string): Promise<void> {
  await page.locator('main').getByRole('button', { name: label, exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: label, exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
}

async function askedAndAnswered(page: Page, halo: Halo): Promise<void> {
  const answer = page.locator('section').filter({ hasText: 'Is this replica right?' }).last();
  await press(page, 'Ask the device');
  await answer.getByText('Right: all rows are the server’s').waitFor({ timeout: 120_000 });
  await expect.poll(() => answer.getByText('Equal', { exact: true }).count()).toBeGreaterThan(0);

  const first = () => halo.query('SELECT id, severity, lat FROM incidents ORDER BY id LIMIT 1');
  const [row] = await first();
  await halo.query(
    `UPDATE synced.incidents SET severity = 6 - severity, lat = lat + 1 WHERE id = '${String(row!['id'])}'`,
  );
  expect(await first()).not.toEqual([row]);
  await press(page, 'Ask the device');
  await answer.getByText('Wrong: some rows differ').waitFor({ timeout: 120_000 });
  const wrong = answer.getByRole('row').filter({ hasText: 'incidents?region=01' });
  await wrong.getByText('Different', { exact: true }).waitFor();
  await wrong.getByText('Fetched anew').waitFor();
  // What was altered is the server's again.
  await eventually(async () => expect(await first()).toEqual([row]));
}

async function deviceOf({ pool }: TestDatabase, userId: string): Promise<string> {
  let id: string | undefined;
  await eventually(async () => {
    const { rows } = await pool.query<{ id: string }>(
      `SELECT id FROM device_status WHERE user_id = $1 AND known_by = 'device'`,
      [userId],
    );
    id = rows[0]?.id;
    expect(id).toBeDefined();
  });
  return id!;
}
