import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../support/chromium.ts';
import { createTestDatabase } from '../support/database.ts';
import type { TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { accessToken, registerAccount, startServerProcess, stopServerProcess } from '../support/server.ts';
import type { TestServer } from '../support/server.ts';
import { serveNewVersion } from '../support/new-version.ts';
import { enter, listen, said, tabTo } from './field-app-ears.ts';
import { faultsOf, focusStaysInDialog, installability } from './field-app-eyes.ts';
import {
  launchForApp,
  SPOT,
  banner,
  fillReport,
  newPerson,
  openPhone,
  openTab,
  registerAs,
  sendElsewhere,
  whenStored,
} from './field-app-pages.ts';
import type { Phone } from './field-app-pages.ts';

const COUNTY = 'Stockholms län';
const LIMIT_MS = 240_000;

let browser: Browser;
let database: TestDatabase;
let server: TestServer;
let proxy: FaultProxy;
let kim: Phone;
let page: Page;
const person = newPerson('kim');

/** Points at another place than the measured one on the map, which must have come with the app: there is no network. */
async function pickOnMapOffline(): Promise<void> {
  await openTab(page, /^Report$/);
  await page.getByRole('button', { name: 'Pick on the map' }).click();
  const picker = page.getByRole('dialog', { name: 'Where did it happen?' });
  await eventually(async () => {
    await picker.locator('canvas').click({ position: { x: 60, y: 60 } });
    expect(await picker.getByText('59.33260, 18.06490').count()).toBe(0);
  });
  expect(await faultsOf(page)).toEqual([]);
  await picker.getByRole('button', { name: 'Use this place' }).click();
  await page.getByText('Picked place, within 25').waitFor();
  await page.getByRole('button', { name: 'Clear the form' }).click();
}

const tab = (name: RegExp) => page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name });

/** Reports without touching the screen; with `year` something of the first of May of it, which may be too long ago. */
async function reportByKeyboard(type: string, year?: string): Promise<void> {
  await enter(page, tab(/^Report$/));
  await tabTo(page, page.getByRole('button', { name: type, exact: true }));
  await page.keyboard.press('Space');
  await tabTo(page, page.getByRole('radio', { name: /Minor/ }));
  for (const key of ['Space', 'ArrowRight', 'ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
  if (year !== undefined) {
    await tabTo(page, page.getByRole('radio', { name: 'Just now' }));
    await page.keyboard.press('ArrowRight');
    await tabTo(page, page.getByLabel('Date and time'));
    await page.keyboard.type(`0105${year}`);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.type('1200');
  }
  await enter(page, page.getByRole('button', { name: 'Report', exact: true }));
  await page.getByRole('heading', { name: 'Safe on this device' }).waitFor();
}

/** The report in the sheet that is open, by the address. */
const openReportId = () => new URLSearchParams(new URL(page.url()).hash.split('?')[1]).get('report');

/** Runs in the page: counts from now on how often a dialog is taken out of it. */
const COUNT_CLOSED = `
  globalThis.dialogsClosed = 0;
  new MutationObserver((records) => {
    for (const { removedNodes } of records) {
      for (const { nodeName } of removedNodes) if (nodeName === 'DIALOG') globalThis.dialogsClosed += 1;
    }
  }).observe(document.body, { subtree: true, childList: true });
  undefined`;

// One phone lives through it all, step by step: each opened replica costs seconds.
describe.skipIf(chromiumPath === undefined)(
  'a report from its first tap to its end',
  { timeout: LIMIT_MS },
  () => {
    beforeAll(async () => {
      database = await createTestDatabase();
      server = await startServerProcess(database.url);
      proxy = await startFaultProxy(server.url);
      browser = await launchForApp();
      kim = await openPhone(browser, proxy.url);
      page = kim.page;
    }, LIMIT_MS);
    afterAll(async () => {
      await browser?.close();
      await proxy?.close();
      if (server !== undefined) await stopServerProcess(server);
      await database?.drop();
    });

    it('begins on screens that everyone can read and use, and can be installed', async () => {
      expect(await faultsOf(page)).toEqual([]);
      await registerAs(page, person);
      await page.getByRole('button', { name: COUNTY }).waitFor({ timeout: 60_000 });
      expect(await faultsOf(page)).toEqual([]);
      await page.getByRole('button', { name: COUNTY }).click();
      await banner(page, 'Online. Everything is sent.');
      await whenStored(page);
      const { errors, manifest } = await installability(page);
      expect(errors).toEqual([]);
      const icons = manifest.icons.map(({ sizes, purpose = 'any' }) => `${sizes} ${purpose}`);
      expect(icons).toEqual(expect.arrayContaining(['192x192 any', '512x512 any', '512x512 maskable']));
    });

    it('is made in three taps, at the measured position', async () => {
      await openTab(page, /^Report$/);
      await page.getByText('Your position, accurate to 12').waitFor();
      expect(await faultsOf(page)).toEqual([]);
      await page.getByRole('button', { name: 'Fire' }).click();
      await page.getByRole('radio', { name: /Serious/ }).check();
      await listen(page);
      await page.getByRole('button', { name: 'Report', exact: true }).click();
      await page.getByText('Delivered.', { exact: true }).waitFor();
      await banner(page, 'Delivered. Thank you.');
      const words = await said(page);
      expect(words.filter((line) => line.includes('Delivered'))).toEqual(['polite: Delivered. Thank you.']);
      expect(words.filter((line) => !line.startsWith('polite: '))).toEqual([]);
      expect(await faultsOf(page)).toEqual([]);
      const { rows } = await database.pool.query(
        'SELECT type::text, severity, lat, lon, accuracy_m FROM reports',
      );
      const { latitude: lat, longitude: lon, accuracy: accuracy_m } = SPOT;
      expect(rows).toEqual([{ type: 'fire', severity: 4, lat, lon, accuracy_m }]);
    });

    it('shows with whom it is linked, and what it said before it was changed', async () => {
      const alex = await accessToken(server.url, await registerAccount(server.url, 'alex'));
      const { latitude: lat, longitude: lon } = SPOT;
      const occurredAt = new Date().toISOString();
      const location = { lat, lon, accuracyM: 20 };
      await sendElsewhere(server.url, alex, 'report.create', {
        type: 'fire',
        severity: 4,
        occurredAt,
        location,
      });
      await openTab(page, /My reports/);
      await page.getByRole('article').getByText('Same incident as 1 other report').waitFor();
      await page.getByRole('article').getByText('Seen by several').waitFor();
      expect(await faultsOf(page)).toEqual([]);

      await page.getByRole('link', { name: 'Fire' }).click();
      await page.getByRole('link', { name: 'Change', exact: true }).click();
      await page.getByRole('heading', { name: 'Change the report' }).waitFor();
      await expect.poll(() => page.getByRole('radio', { name: /Serious/ }).isChecked()).toBe(true);
      expect(await faultsOf(page)).toEqual([]);
      await page.getByRole('radio', { name: /Critical/ }).check();
      await page.getByLabel('What did you see?').fill('It grows.');
      await page.reload();
      await page.getByRole('button', { name: 'Start over' }).waitFor({ timeout: 60_000 });
      await expect.poll(() => page.getByRole('radio', { name: /Critical/ }).isChecked()).toBe(true);
      await expect.poll(() => page.getByLabel('What did you see?').inputValue()).toBe('It grows.');
      await page.getByRole('button', { name: 'Save the change' }).click();
      const sheet = page.getByRole('dialog', { name: 'Fire' });
      await sheet.getByText(/^Version 1, until/).waitFor();
      await sheet.getByText('4 · Serious').waitFor();
      expect(await faultsOf(page)).toEqual([]);
    });

    it('explains a conflict with both versions, and lets its author decide', async () => {
      const reportId = openReportId();
      await kim.context.setOffline(true);
      proxy.down();
      await banner(page, 'Offline');
      const token = await accessToken(server.url, person);
      await sendElsewhere(server.url, token, 'report.amend', {
        reportId,
        version: 2,
        changes: { severity: 1 },
      });
      await page.getByRole('link', { name: 'Change', exact: true }).click();
      await page.getByRole('radio', { name: /Low/ }).check();
      await page.getByRole('button', { name: 'Save the change' }).click();
      await page.getByRole('dialog').getByText('A change waits to be sent').waitFor();
      await page.getByRole('button', { name: 'Close' }).click();
      await page.getByRole('link', { name: '1 waiting' }).click();
      const entry = page.getByRole('article').filter({ hasText: 'Change to report: Fire' });
      await entry.getByText('Waiting').waitFor();
      expect(await faultsOf(page)).toEqual([]);

      await pickOnMapOffline();
      await openTab(page, /My reports/);
      await page.getByRole('link', { name: '1 waiting' }).click();

      proxy.up();
      await kim.context.setOffline(false);
      await entry.getByText('It was changed elsewhere meanwhile.').waitFor({ timeout: 60_000 });
      const conflict = entry.getByTestId('conflict');
      await conflict.getByText('2 · Low').waitFor();
      await conflict.getByText('1 · Minor').waitFor();
      await entry.getByText('Field: how serious').waitFor();
      expect(await faultsOf(page)).toEqual([]);
      await entry.getByRole('button', { name: 'Keep what it says now' }).click();
      await entry.getByRole('button', { name: 'Keep it' }).click();
      await conflict.getByRole('button', { name: 'Keep mine' }).click();
      await page.getByRole('heading', { name: 'Nothing waits' }).waitFor();
      expect(await faultsOf(page)).toEqual([]);
      const { rows } = await database.pool.query('SELECT severity, version FROM reports WHERE id = $1', [
        reportId,
      ]);
      expect(rows).toEqual([{ severity: 2, version: 4 }]);
    });

    it('is withdrawn after a second press', async () => {
      await openTab(page, /My reports/);
      await page.getByRole('link', { name: 'Fire' }).click();
      const sheet = page.getByRole('dialog', { name: 'Fire' });
      await sheet.getByRole('button', { name: 'Withdraw' }).click();
      await sheet.getByText('Take this report back? That is for good.').waitFor();
      expect(await faultsOf(page)).toEqual([]);
      await sheet.getByRole('button', { name: 'Yes, withdraw it' }).click();
      await sheet.getByText('Withdrawn').waitFor();
      await banner(page, 'Delivered');
      const changed = 'SELECT status FROM reports WHERE version > 1';
      await expect
        .poll(async () => (await database.pool.query<{ status: string }>(changed)).rows)
        .toEqual([{ status: 'withdrawn' }]);
      await page.getByRole('button', { name: 'Close' }).click();
    });

    it('stays open while it is delivered, however long its replica takes to answer', async () => {
      proxy.onAnswer('POST /v1/mutations', () => 'hold');
      await reportByKeyboard('Vandalism');
      await page.getByRole('button', { name: 'See my reports' }).click();
      await page.getByRole('link', { name: 'Vandalism' }).waitFor();
      await page.evaluate(COUNT_CLOSED);
      const [replica, ...others] = page.workers();
      expect(others).toEqual([]);
      const busy = replica?.evaluate('for (const end = Date.now() + 6000; Date.now() < end; );');
      await page.getByRole('link', { name: 'Vandalism' }).click();
      const sheet = page.getByRole('dialog', { name: 'Vandalism' });
      await sheet.getByText('On this device, waiting to be sent').waitFor();
      proxy.onAnswer('POST /v1/mutations', undefined);
      proxy.release();
      await busy;
      await sheet.getByText('Delivered').waitFor();
      expect(await page.evaluate('globalThis.dialogsClosed')).toBe(0);
      await expect.poll(() => page.evaluate("document.activeElement.closest('dialog') !== null")).toBe(true);
      await page.keyboard.press('Escape');
      await sheet.waitFor({ state: 'detached' });
    });

    it('is made, changed and thrown away, and its like are filtered, with the keyboard alone', async () => {
      await reportByKeyboard('Theft');
      await expect
        .poll(() => page.evaluate('document.activeElement.textContent'))
        .toBe('Safe on this device');
      await enter(page, page.getByRole('button', { name: 'See my reports' }));
      await enter(page, page.getByRole('link', { name: 'Theft' }));
      const sheet = page.getByRole('dialog', { name: 'Theft' });
      await sheet.waitFor();
      await expect.poll(() => page.evaluate("document.activeElement.closest('dialog') !== null")).toBe(true);
      await enter(page, sheet.getByRole('link', { name: 'Change', exact: true }));
      await tabTo(page, page.getByRole('radio', { name: /Serious/ }));
      await page.keyboard.press('ArrowRight');
      await enter(page, page.getByRole('button', { name: 'Save the change' }));
      await sheet.getByText('Critical', { exact: true }).waitFor();
      await page.keyboard.press('Escape');
      await sheet.waitFor({ state: 'detached' });
      await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('content');

      await reportByKeyboard('Fire', '2019');
      await enter(page, page.getByTestId('banner').getByRole('button', { name: '1 item needs you' }));
      await enter(page, page.getByRole('button', { name: 'Throw away' }));
      await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Keep it');
      await tabTo(page, page.getByRole('button', { name: 'Yes, throw it away' }), 'Shift+Tab');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Nothing waits' }).waitFor();
      await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('content');

      const filters = page.getByRole('button', { name: 'Filters' });
      await enter(page, tab(/^Incidents$/));
      await enter(page, filters);
      await tabTo(page, page.getByLabel('Only from official sources'));
      await page.keyboard.press('Space');
      await enter(page, page.getByRole('button', { name: 'Show 0 incidents' }));
      await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Filters (1)');
      await page.keyboard.press('Enter');
      await enter(page, page.getByRole('dialog').getByRole('button', { name: 'Show all again' }));
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Filters');
    });

    it('tells how the connection is, compares with the server, and keeps the keyboard where it belongs', async () => {
      await banner(page, 'Online. Everything is sent.');
      const opener = page.getByTestId('banner').getByRole('button');
      await opener.focus();
      await page.keyboard.press('Enter');
      const sheet = page.getByRole('dialog', { name: 'Connection and storage' });
      await sheet.getByText('Live: everything is up to date.').waitFor();
      expect(await focusStaysInDialog(page, 8)).toBe(true);
      await sheet.getByRole('button', { name: 'Compare with the server' }).click();
      await sheet.getByText('10 of 10 are the same as the server.').waitFor({ timeout: 60_000 });
      expect(await sheet.getByText(/same as the server \(\d/).count()).toBe(10);
      expect(await faultsOf(page)).toEqual([]);
      await page.keyboard.press('Escape');
      await sheet.waitFor({ state: 'detached' });
      await expect
        .poll(() => page.evaluate("document.activeElement.closest('[data-testid=banner]') !== null"))
        .toBe(true);

      await page.getByRole('button', { name: /Account and region/ }).click();
      expect(await faultsOf(page)).toEqual([]);
      await page.getByRole('button', { name: 'Close' }).click();
      for (const tab of [/^Map$/, /^Incidents$/]) {
        await openTab(page, tab);
        await page.getByRole('main').locator('.pane').waitFor();
        expect(await faultsOf(page)).toEqual([]);
      }
    });

    it('is still there, half made, when a new version of the app is let in', async () => {
      const next = await serveNewVersion(server.url);
      proxy.aim(next.url);
      // What is open still goes to the version before.
      proxy.down();
      proxy.up();
      await fillReport(page, 'Fire', 'Half a report.');
      await page.evaluate(`globalThis.isOld = true;
        navigator.serviceWorker.getRegistration().then((it) => it.update()).then(() => true)`);
      const offer = page.getByRole('status').filter({ hasText: 'A new version is ready.' });
      await offer.waitFor({ timeout: 60_000 });
      expect(await faultsOf(page)).toEqual([]);
      await expect.poll(() => page.getByLabel('What did you see?').inputValue()).toBe('Half a report.');
      await offer.getByRole('button', { name: 'Update' }).click();
      await eventually(async () => expect(await page.evaluate("'isOld' in globalThis")).toBe(false));
      await page.getByRole('button', { name: 'Clear the form' }).waitFor({ timeout: 60_000 });
      await expect.poll(() => page.getByLabel('What did you see?').inputValue()).toBe('Half a report.');
      await expect.poll(() => page.getByLabel('What happened?').inputValue()).toBe('fire');
      await expect.poll(() => page.getByRole('radio', { name: /Serious/ }).isChecked()).toBe(true);
      await expect.poll(() => offer.count()).toBe(0);
      expect(kim.faults).toEqual([]);
      await kim.context.close();
      await next.close();
    });
  },
);
