import type { Pool } from 'pg';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../support/chromium.ts';
import { eventually } from '../support/eventually.ts';
import { accessToken, registerAccount } from '../support/server.ts';
import { PAGES, launchForConsole, logIn, openDesk, seesPage, startedServer } from './console-pages.ts';
import { insertConsoleRows } from './console-rows.ts';
import { enter, tabTo } from './field-app-ears.ts';

/** A device of `insertConsoleRows`, by its number. */
const deviceId = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;

let browser: Browser;
beforeAll(async () => {
  if (chromiumPath !== undefined) browser = await launchForConsole();
});
afterAll(() => browser?.close());

describe.skipIf(chromiumPath === undefined)('the console', { timeout: 720_000 }, () => {
  it('opens each page on an empty server, does what operators do, remembers the log-in in other tabs, and is for operators', async () => {
    const { url, database } = await startedServer();
    const reporter = await registerAccount(url, 'rut');
    const officer = await registerAccount(url, 'tor');
    const leaving = await registerAccount(url, 'ivo');
    await accessToken(url, leaving);
    await database.pool.query(`UPDATE users SET role = 'officer' WHERE id = $1`, [officer.id]);
    const desk = await openDesk(browser, `${url}/console/jobs?state=failed`);
    const { page, context } = desk;
    await page.getByRole('heading', { name: 'Halo console' }).waitFor();
    await logIn(page, { email: 'operator@halo.example', password: 'not the password' });
    await page.getByRole('alert').filter({ hasText: 'wrong' }).waitFor();
    await logIn(page);
    // The link that was followed is where one is after the log-in.
    await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
    await expect.poll(() => page.getByLabel('State').inputValue()).toBe('failed');
    for (const [path, heading] of Object.entries(PAGES)) {
      await page.getByRole('navigation').getByRole('link', { name: heading, exact: true }).click();
      await expect.poll(() => new URL(page.url()).pathname).toBe(`/console${path}`);
      await seesPage(page, heading);
    }
    await operatorActs(page);
    await operatorLooksAfter(page, 'ivo');
    await serverIsAway(page);
    const tab = await context.newPage();
    await tab.goto(`${url}/console/models`);
    await tab.getByRole('heading', { level: 1, name: 'Models' }).waitFor();
    await keyboardAlone(tab);
    await page.getByRole('button', { name: 'Log out' }).click();
    await tab.getByRole('button', { name: 'Log in' }).waitFor();
    await logIn(page, reporter);
    await page.getByRole('heading', { name: 'This console is for operators' }).waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await logIn(page, officer);
    await page.getByRole('heading', { level: 1, name: 'Map' }).waitFor();
    await expect.poll(() => page.getByRole('navigation').getByRole('link').allInnerTexts()).toEqual(['Map']);
    await page.goto(`${url}/console/devices`);
    await page.getByText('Your account does not open this page').waitFor();
    expect(desk.faults).toEqual([]);
    await context.close();
  });

  it('shows ten thousand devices and all the rest, live, and a link shows the same', async () => {
    const { url, database } = await startedServer();
    await insertConsoleRows(database.pool, 10_000);
    const desk = await openDesk(browser, `${url}/console/devices`);
    const { page, context } = desk;
    await logIn(page);
    await tenThousandDevices(page);
    await database.pool.query(`UPDATE device_status SET pending = 4321 WHERE id = $1`, [deviceId(7)]);
    await page.getByLabel('Search by name, e-mail or id').fill(deviceId(7));
    // No reload: the shape brings it.
    await page.getByRole('cell', { name: '4,321' }).waitFor();
    const tab = await context.newPage();
    await tab.goto(page.url());
    await tab.getByText(/^1 of 10,00[01] devices$/).waitFor({ timeout: 120_000 });
    await tab.getByRole('link', { name: '00000000…0007' }).click();
    await seesPage(tab, /^Device/);
    await tab.close();
    for (const [path, heading] of Object.entries(PAGES)) {
      await page.goto(`${url}/console${path}`);
      await seesPage(page, heading);
    }
    for (const [path, heading] of await thingsOf(database.pool)) {
      await page.goto(`${url}/console${path}`);
      await seesPage(page, heading);
    }
    await whatHasBeen(page, url);
    await runComesByItself(page, url, database.pool);
    await darkIsKept(page);
    expect(desk.faults).toEqual([]);
    await context.close();
  });
});

/** The list has all of them, is scrolled to its end, and never has more in the document than is in sight. */
async function tenThousandDevices(page: Page): Promise<void> {
  // The operator's own log-in may count as one, too.
  await page.getByText(/^10,00[01] devices$/).waitFor({ timeout: 120_000 });
  const table = page.getByRole('table', { name: 'Devices' });
  const count = Number(await table.getAttribute('aria-rowcount'));
  expect(count).toBeGreaterThan(10_000);
  const rows = table.getByRole('row');
  const box = page.getByRole('region', { name: 'Devices' });
  for (const share of [0, 0.31, 0.77, 1]) {
    await box.evaluate((element: { scrollTop: number; scrollHeight: number }, at) => {
      element.scrollTop = at * element.scrollHeight;
    }, share);
    await table.getByRole('row').nth(5).waitFor();
    await expect.poll(() => rows.count()).toBeLessThan(80);
  }
  // The last one is there, and is said to be the last.
  await eventually(async () => {
    const last = await rows.last().getAttribute('aria-rowindex');
    expect(last).toBe(await table.getAttribute('aria-rowcount'));
  });
  await page.getByRole('button', { name: /^Contact/ }).click();
  await expect.poll(() => new URL(page.url()).searchParams.get('sort')).toBe('contact');
}

/** One of each thing that has a page of its own, with its heading. */
async function thingsOf(pool: Pool): Promise<[path: string, heading: RegExp][]> {
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM ledger WHERE status = 'rejected' LIMIT 1`,
  );
  return [
    [`/devices/${deviceId(3)}`, /^Device/],
    [`/mutations/${rows[0]!.id}`, /^Mutation/],
    ['/shapes/incidents', /^Shape incidents/],
    ['/jobs/00000000-0000-7000-8002-000000000003', /run$/],
    ['/models/00000000-0000-7000-8003-000000000012', /^Model of/],
    ['/users/00000000-0000-7000-8001-000000000003', /^Person 3/],
    ['/map?region=01', /^Map/],
    ['/nothing', /no such page/],
  ];
}

/** What was wrong before anybody looked, with its beginning; a link shows the same stretch of time. */
async function whatHasBeen(page: Page, url: string): Promise<void> {
  const ranges = page.getByRole('group', { name: 'How far back' });
  await page.goto(`${url}/console`);
  await ranges.getByRole('button', { name: '6 hours', pressed: true }).waitFor();
  const strip = page.locator('section').filter({ hasText: 'What was wrong, and when' }).last();
  await strip.getByText('Show as a table').click();
  const spans = strip.getByRole('row');
  await spans
    .filter({ hasText: 'Replication is down' })
    .filter({ hasText: /2\d minutes/ })
    .waitFor();
  await spans.filter({ hasText: 'Replication is behind' }).waitFor();
  // The server's own look of this minute may say so, too.
  await spans.filter({ hasText: 'Some devices need a look' }).first().waitFor();
  await page.getByText(/^Most: 20 minutes, .*, instance aaaaaaaaaaaa\.$/).waitFor();
  await ranges.getByRole('button', { name: '7 days' }).click();
  await expect.poll(() => new URL(page.url()).search).toBe('?range=7d');
  // The table that was opened stays open. Once nobody looked, and that is no time in which all was well.
  await spans.filter({ hasText: 'Nobody looked' }).waitFor();
  await page.goto(`${url}/console?range=1h`);
  await ranges.getByRole('button', { name: '1 hour', pressed: true }).waitFor();
  await seesPage(page, 'Overview');
  await expect.poll(() => strip.getByText('Replication is down').count()).toBe(0);
}

/** A run that begins, goes on and ends is seen to, on a page that stays open. */
async function runComesByItself(page: Page, url: string, pool: Pool): Promise<void> {
  await page.goto(`${url}/console/jobs`);
  await page.getByRole('row').nth(3).waitFor();
  await pool.query(`INSERT INTO job_runs (id, job, trigger, state, started_at, step, progress)
    VALUES ('00000000-0000-7000-8002-000000000099', 'retrain', 'schedule', 'running', now(), 'cell-9 all', 0.25)`);
  await page.getByRole('progressbar').and(page.locator('[aria-valuenow="25"]')).waitFor();
  await pool.query(`UPDATE job_runs SET progress = 0.5 WHERE id = '00000000-0000-7000-8002-000000000099'`);
  await page.getByRole('progressbar').and(page.locator('[aria-valuenow="50"]')).waitFor();
  await pool.query(`UPDATE job_runs SET state = 'failed', finished_at = now(), error_code = 'too_old', error = 'It took too long.'
    WHERE id = '00000000-0000-7000-8002-000000000099'`);
  await page.getByText('It took too long.').waitFor();
  const ended = page.getByRole('row').filter({ hasText: 'It took too long.' });
  await expect.poll(() => ended.getByRole('progressbar').count()).toBe(0);
}

/** The colours that are chosen hold over a reload, whatever the system's are. */
async function darkIsKept(page: Page): Promise<void> {
  const ground = () => page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor');
  const light = await ground();
  await page.getByRole('radio', { name: 'Dark' }).check();
  const dark = await ground();
  expect(dark).not.toBe(light);
  await page.reload();
  await page.getByRole('radio', { name: 'Dark', checked: true }).waitFor();
  await expect.poll(() => ground()).toBe(dark);
}

/** Hands out an invitation and a token, each secret shown once, begins a retraining, and finds it all in the audit log. */
async function operatorActs(page: Page): Promise<void> {
  const go = (name: string) => page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
  const dialog = page.getByRole('dialog');
  await go('Users');
  await page.getByRole('button', { name: 'Invite' }).click();
  await dialog.getByRole('button', { name: 'Make the invitation' }).click();
  await dialog.locator('[aria-invalid=true]').waitFor();
  await dialog.getByLabel('E-mail').fill('colleague@halo.example');
  await dialog.getByRole('button', { name: 'Make the invitation' }).click();
  await dialog.getByRole('heading', { name: 'Hand this over' }).waitFor();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await page.getByRole('cell', { name: 'colleague@halo.example' }).waitFor();
  await go('Service tokens');
  await page.getByRole('button', { name: 'Make a token' }).first().click();
  await dialog.getByLabel('Name').fill('Dispatch');
  await dialog.getByLabel('Read incidents').check();
  await dialog.getByRole('button', { name: 'Make a token' }).click();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await page.getByRole('cell', { name: 'Dispatch' }).waitFor();
  await go('Jobs');
  await page.getByRole('button', { name: 'Retrain now' }).click();
  await dialog.getByRole('button', { name: 'Begin' }).click();
  await page.getByRole('heading', { level: 1, name: 'Retraining run' }).waitFor();
  await page.getByText(/^(Succeeded|Failed)$/).waitFor({ timeout: 120_000 });
  await go('Audit log');
  for (const act of ['invitation.made', 'service_token.made', 'retrain.triggered'])
    await page.getByRole('cell', { name: act }).first().waitFor();
}

/** Does all that may be done to an account, each with its reason, and finds it in the audit log. */
async function operatorLooksAfter(page: Page, name: string): Promise<void> {
  const button = (label: string) => page.locator('main').getByRole('button', { name: label, exact: true });
  const dialog = page.getByRole('dialog');
  const act = async (label: string) => {
    await button(label).first().click();
    await dialog.getByLabel('Reason').fill('asked for it');
    if (label === 'Change the role') await dialog.getByLabel('Role').selectOption({ label: 'Officer' });
    await dialog.getByRole('button', { name: label, exact: true }).click();
  };
  await page.getByRole('navigation').getByRole('link', { name: 'Users', exact: true }).click();
  await page.getByRole('link', { name, exact: true }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
  await act('End');
  await page.getByText('No session holds').waitFor();
  await act('Change the role');
  await page.getByText('Officer', { exact: true }).waitFor();
  await act('Reset the password');
  await dialog.getByRole('heading', { name: 'Hand this over' }).waitFor();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await act('Disable');
  await page.getByText('Disabled', { exact: true }).waitFor();
  await act('Enable');
  await page.getByText('Active', { exact: true }).waitFor();
  await seesPage(page, name);
  await act('Forget this person');
  await dialog.waitFor({ state: 'detached' });
  await page.getByRole('navigation').getByRole('link', { name: 'Audit log', exact: true }).click();
  for (const action of [
    'sessions.ended',
    'user.role_changed',
    'password.reset_issued',
    'user.disabled',
    'user.enabled',
    'user.erase_ordered',
  ])
    await page.getByRole('cell', { name: action }).first().waitFor();
}

/** Says that the server is away, and goes on when it is asked to try again. */
async function serverIsAway(page: Page): Promise<void> {
  await page.context().setOffline(true);
  await page.getByRole('navigation').getByRole('link', { name: 'Service tokens' }).click();
  const alert = page.getByRole('alert').filter({ hasText: 'The server cannot be reached.' });
  await alert.waitFor();
  await page.context().setOffline(false);
  await alert.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('cell', { name: 'Dispatch' }).waitFor();
}

/** By the keyboard alone: past the navigation, to another page, and a dialog that gives the focus back. */
async function keyboardAlone(page: Page): Promise<void> {
  await enter(page, page.getByRole('link', { name: 'Skip to the content' }));
  await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('content');
  await tabTo(page, page.getByRole('navigation').getByRole('link', { name: 'Jobs' }), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor();
  const retrain = page.getByRole('button', { name: 'Retrain now' });
  await enter(page, retrain);
  await tabTo(page, page.getByRole('dialog').getByRole('button', { name: 'Cancel' }));
  await page.keyboard.press('Enter');
  await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Retrain now');
}
