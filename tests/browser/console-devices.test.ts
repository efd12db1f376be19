import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { chromiumPath } from '../support/chromium.ts';
import { useTestDatabase } from '../support/database.ts';
import { startServerProcess, stopServerProcess } from '../support/server.ts';
import { launchForConsole, logIn, openDesk } from './console-pages.ts';
import { insertConsoleRows } from './console-rows.ts';

let browser: Browser;
beforeAll(async () => {
  if (chromiumPath !== undefined) browser = await launchForConsole();
});
afterAll(() => browser?.close());

describe.skipIf(chromiumPath === undefined)('devices in the console', { timeout: 480_000 }, () => {
  it('devices of which nothing is known yet are not none, and one that is back is not offline', async () => {
    const database = await useTestDatabase();
    const server = await startServerProcess(database.url);
    onTestFinished(() => stopServerProcess(server));
    const { url } = server;
    await insertConsoleRows(database.pool, 20);
    const { rows } = await database.pool.query<{ id: string }>(
      `UPDATE device_status SET heard_at = now() - interval '1 hour', silent_since = now() - interval '1 hour'
        WHERE id = (SELECT min(id::text)::uuid FROM device_status) RETURNING id`,
    );
    const [{ id }] = rows as [{ id: string }];
    await database.pool.query('DELETE FROM device_contacts WHERE id = $1', [id]);
    const desk = await openDesk(browser, `${url}/console/jobs`);
    const { page, context } = desk;
    await logIn(page);
    await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
    await page.route('**/api/v1/admin/sync/devices?*', (route) => route.abort());
    await page.goto(`${url}/console/devices?q=${id}`);
    const state = page
      .getByRole('table', { name: 'Devices' })
      .getByRole('row')
      .nth(1)
      .getByRole('cell')
      .nth(1);
    await state.getByText('Offline').waitFor();
    const counts = page.getByRole('group', { name: 'State' }).getByRole('button');
    expect((await counts.allInnerTexts()).map((text) => text.replace(/\s+/g, ' '))).toEqual([
      ...['Stalled –', 'Behind –', 'Offline –', 'Live –', 'Revoked –'],
    ]);
    await page.unroute('**/api/v1/admin/sync/devices?*');
    await page.getByRole('status').getByRole('button', { name: 'Try again' }).click();
    await counts.filter({ hasText: /Offline\s*\d/ }).waitFor();
    await state.getByText('Offline').waitFor();
    await database.pool.query(
      'UPDATE device_status SET heard_at = now(), silent_since = NULL WHERE id = $1',
      [id],
    );
    // Before all devices are asked for again, which takes two minutes: the shape says so.
    await state.getByText('Heard').waitFor();
    await context.setOffline(true);
    await page.getByRole('alert').filter({ hasText: 'The server has not been reached since' }).waitFor();
    await context.close();
  });
});
