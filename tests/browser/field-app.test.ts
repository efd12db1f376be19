import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { chromiumPath } from '../support/chromium.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { startServerProcess, stopServerProcess } from '../support/server.ts';
import { faultsOf } from './field-app-eyes.ts';
import {
  SWEDISH_DESK,
  banner,
  fillReport,
  newPerson,
  launchForApp,
  openPhone,
  openTab,
  registerAs,
  registerInApp,
  submitReport,
  whenReplicaHolds,
  whenStored,
} from './field-app-pages.ts';

const COUNTY = 'Stockholms län';

let browser: Browser;
beforeAll(async () => {
  if (chromiumPath !== undefined) browser = await launchForApp();
});
afterAll(() => browser?.close());

/** A server on a database of its own, behind a line that can be cut. */
async function serve() {
  const database = await useTestDatabase();
  const server = await startServerProcess(database.url);
  const proxy = await startFaultProxy(server.url);
  onTestFinished(async () => {
    await proxy.close();
    await stopServerProcess(server);
  });
  return { database, proxy };
}

/** The same person at a desk, in Swedish: reads what the server did not take from the phone, and what can be done here. */
async function readAtTheDesk(url: string, person: ReturnType<typeof newPerson>): Promise<void> {
  const { page, context, faults } = await openPhone(browser, url, undefined, SWEDISH_DESK);
  await page.getByLabel('E-post').fill(person.email);
  await page.getByRole('textbox', { name: 'Lösenord' }).fill(person.password);
  await page.getByRole('button', { name: 'Logga in' }).click();
  await page.getByRole('button', { name: COUNTY }).click({ timeout: 60_000 });
  await banner(page, 'Uppkopplad. Allt är skickat.');
  await page.locator('.map-legend').waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await page.waitForFunction(LEGEND_IS_SEEN);
  const tab = (name: string) => page.getByRole('navigation').getByRole('link', { name });
  await tab('Rapportera').click();
  await page.getByText('Din position, på 12').waitFor();
  expect(await faultsOf(page)).toEqual([]);

  await tab('Mina').click();
  await page.getByRole('link', { name: '1 inte mottagna från andra enheter' }).click();
  const theirs = page.getByRole('article').filter({ hasText: 'A broken window.' });
  await theirs.getByText('Det hände för länge sedan').waitFor();
  await theirs.getByText('Fält: när').waitFor();
  await theirs.getByText('Kod: occurred_at_too_old').waitFor();
  await expect.poll(() => theirs.getByRole('button', { name: 'Ändra och skicka igen' }).count()).toBe(0);
  expect(await faultsOf(page)).toEqual([]);
  await theirs.getByRole('button', { name: 'Rapportera på nytt härifrån' }).click();
  await page.getByRole('button', { name: 'Töm formuläret' }).waitFor();
  await expect.poll(() => page.locator('#field-description').inputValue()).toBe('A broken window.');
  await page.getByRole('button', { name: 'Töm formuläret' }).click();
  await tab('Mina').click();
  await page.getByRole('link', { name: '1 inte mottagna från andra enheter' }).click();
  await theirs.getByRole('button', { name: 'Dölj här' }).click();
  await theirs.waitFor({ state: 'detached' });
  expect(faults).toEqual([]);
  await context.close();
}

/** Runs in the page: the map's legend lies within the screen, before anything is scrolled. */
const LEGEND_IS_SEEN = `scrollY === 0 &&
  document.querySelector('.map-legend')?.getBoundingClientRect().bottom <= innerHeight`;

/** Who has reported. */
const REPORTERS = 'SELECT u.id, u.email FROM reports r JOIN users u ON u.id = r.reporter_id';

// Each phone opens its own Postgres, several times: a slow machine needs minutes.
const LIMIT_MS = 240_000;

describe.skipIf(chromiumPath === undefined)('the field app in Chromium', { timeout: LIMIT_MS }, () => {
  it('invariant 1: reports without a network, through two reloads, and is delivered once to everyone', async () => {
    const { database, proxy } = await serve();
    const kim = await openPhone(browser, proxy.url);
    await registerInApp(kim.page, newPerson('kim'), COUNTY);
    await fillReport(kim.page, 'Theft', 'A red bicycle, just now.');
    await submitReport(kim.page);
    await openTab(kim.page, /Incidents/);
    await kim.page.getByRole('button', { name: /Theft/ }).waitFor();
    await whenStored(kim.page);
    const { rows: incidents } = await database.pool.query<{ id: string }>('SELECT id FROM incidents');
    await whenReplicaHolds(kim.page, incidents[0]!.id);

    await kim.context.setOffline(true);
    proxy.down();
    await kim.page.reload();
    await banner(kim.page, 'Offline');
    await kim.page.getByRole('button', { name: /Theft/ }).waitFor();

    await fillReport(kim.page, 'Fire', 'Smoke from a roof.');
    await submitReport(kim.page);
    await banner(kim.page, 'Offline. 1 item waits safely.');
    await kim.page.reload();
    await banner(kim.page, 'Offline. 1 item waits safely.');
    await openTab(kim.page, /My reports/);
    const mine = kim.page.getByRole('article').filter({ hasText: 'Smoke from a roof.' });
    await mine.getByText('waiting to be sent').waitFor();

    proxy.up();
    await kim.context.setOffline(false);
    await banner(kim.page, 'Delivered. Thank you.');
    await mine.getByText('Delivered').waitFor();
    const sql = "SELECT count(*)::int AS n FROM reports WHERE description = 'Smoke from a roof.'";
    expect((await database.pool.query<{ n: number }>(sql)).rows).toEqual([{ n: 1 }]);

    const alex = await openPhone(browser, proxy.url);
    await registerInApp(alex.page, newPerson('alex'), COUNTY);
    await alex.page.getByRole('button', { name: /Serious:.*Fire/ }).waitFor();
    await fillReport(kim.page, 'Fire', 'Smoke from the cellar.');
    await submitReport(kim.page);
    await openTab(alex.page, /Incidents/);
    await alex.page.getByRole('button', { name: /Fire/ }).waitFor();
    for (const phone of [kim, alex]) {
      expect([...phone.origins]).toEqual([proxy.url.replace(/\/$/, '')]);
      expect(phone.faults).toEqual([]);
      await phone.context.close();
    }
  });

  it('invariant 1: takes reports and delivers them where no replica can be opened, and says what it cannot do', async () => {
    const { database, proxy } = await serve();
    const { page, context } = await openPhone(browser, proxy.url, (phone) =>
      phone.route('**/replica-worker*', (route) => route.abort()),
    );
    await registerAs(page, newPerson('kim'));
    await page.getByRole('heading', { name: 'Incidents cannot be stored here' }).waitFor({ timeout: 60_000 });
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('button', { name: /Account and region/ }).click();
    await page.getByText('The list of counties cannot be stored here').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await fillReport(page, 'Theft', 'A red bicycle.');
    await submitReport(page);
    await page.getByText('Delivered.', { exact: true }).waitFor();
    const { rows } = await database.pool.query('SELECT description FROM reports');
    expect(rows).toEqual([{ description: 'A red bicycle.' }]);
    await openTab(page, /^Map$/);
    await page.getByRole('heading', { name: 'Incidents cannot be stored here' }).waitFor();
    await context.close();
  });

  it('invariant 1: begins without an account and a network, keeps what was reported with the account made later, and forgets', async () => {
    const { database, proxy } = await serve();
    const { page, context, faults } = await openPhone(browser, proxy.url);
    await whenStored(page);
    await page.reload();
    expect(await faultsOf(page)).toEqual([]);
    await context.setOffline(true);
    proxy.down();
    await page.getByRole('button', { name: 'Report without an account' }).click();
    await page.getByRole('button', { name: 'Report now, choose later' }).click({ timeout: 60_000 });
    await fillReport(page, 'Fire', 'Smoke, told by nobody.');
    await submitReport(page);
    await page.reload();
    await banner(page, 'Offline. 1 item waits safely.');
    proxy.up();
    await context.setOffline(false);
    await page.getByRole('button', { name: COUNTY }).click({ timeout: 60_000 });
    await banner(page, 'Online. Everything is sent.');
    const { rows } = await database.pool.query<{ id: string; email: string | null }>(REPORTERS);
    expect(rows).toEqual([{ id: expect.any(String) as string, email: null }]);

    const person = newPerson('kim');
    await page.getByRole('button', { name: 'Account and region: without an account' }).click();
    await page.getByRole('button', { name: 'Make an account' }).click();
    await page.getByRole('button', { name: 'Make an account' }).click();
    await page.getByText('Write your name.').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.getByLabel('Your name').fill(person.displayName);
    await page.getByLabel('E-mail').fill(person.email);
    await page.getByRole('textbox', { name: 'Password' }).fill(person.password);
    await page.getByRole('button', { name: 'Make an account' }).click();
    await page.getByText('Your reports are yours now.').waitFor();
    expect((await database.pool.query(REPORTERS)).rows).toEqual([{ id: rows[0]!.id, email: person.email }]);

    await page.reload();
    await openTab(page, /My reports/);
    await page
      .getByRole('article')
      .filter({ hasText: 'Smoke, told by nobody.' })
      .waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: `Account and region: ${person.email}` }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download my data' }).click();
    const file = JSON.parse(readFileSync(await (await download).path(), 'utf8')) as { reports: unknown[] };
    expect(file.reports).toMatchObject([{ description: 'Smoke, told by nobody.' }]);
    await page.getByRole('button', { name: 'Erase my data' }).click();
    await page.getByLabel('Your password').fill('not this one');
    await page.getByRole('button', { name: 'Erase for good' }).click();
    await page.getByText('The password is wrong.').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.getByLabel('Your password').fill(person.password);
    await page.getByRole('button', { name: 'Erase for good' }).click();
    await page.getByRole('button', { name: 'Report without an account' }).waitFor();
    const gone = "SELECT count(*)::int AS n FROM users WHERE email LIKE 'kim-%' AND disabled_at IS NULL";
    expect((await database.pool.query<{ n: number }>(gone)).rows).toEqual([{ n: 0 }]);
    expect(faults).toEqual([]);
    await context.close();
  });

  it('keeps a rejected report with its reason until it is mended, tells the other device, and loses no report besides', async () => {
    const { database, proxy } = await serve();
    const { page, context, faults } = await openPhone(browser, proxy.url);
    const person = newPerson('kim');
    await registerInApp(page, person, COUNTY);
    await fillReport(page, 'Burglary', 'A broken window.');
    await page.getByRole('radio', { name: 'Earlier' }).check();
    await page.getByLabel('Date and time').fill('2019-05-01T12:00');
    await submitReport(page);
    await banner(page, '1 item needs you');
    await page.getByRole('button', { name: '1 item needs you' }).click();
    const report = page.getByRole('article').filter({ hasText: 'A broken window.' });
    await report.getByText('It happened too long ago to be reported here.').waitFor();
    await expect.poll(() => page.getByRole('heading', { name: 'From your other devices' }).count()).toBe(0);
    await readAtTheDesk(proxy.url, person);
    await expect.poll(() => page.getByRole('heading', { name: 'From your other devices' }).count()).toBe(0);

    // What is being written besides is not overwritten by what is mended.
    await fillReport(page, 'Animal', 'A moose, half a report.');
    await openTab(page, /My reports/);
    await page.getByRole('link', { name: '1 not accepted' }).click();
    await report.getByRole('button', { name: 'Edit and send again' }).click();
    await expect.poll(() => page.getByLabel('What did you see?').inputValue()).toBe('A broken window.');
    await page.getByRole('radio', { name: 'Just now' }).check();
    await page.getByRole('button', { name: 'Pick on the map' }).click();
    const picker = page.getByRole('dialog', { name: 'Where did it happen?' });
    await picker.getByText('Or write coordinates').click();
    await picker.getByRole('textbox').fill('59,31 18,07');
    await picker.getByRole('button', { name: 'Use this place' }).click();
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.getByRole('heading', { name: 'Safe on this device' }).waitFor();
    await page.getByText('Delivered.', { exact: true }).waitFor();
    const { rows } = await database.pool.query('SELECT type::text, lat, lon FROM reports');
    expect(rows).toEqual([{ type: 'burglary', lat: 59.31, lon: 18.07 }]);
    await openTab(page, /^Report$/);
    await expect
      .poll(() => page.getByLabel('What did you see?').inputValue())
      .toBe('A moose, half a report.');
    expect(faults).toEqual([]);
    await context.close();
  });

  it('says what is wrong at its field, keeps what was typed, and logs out only when nothing is lost', async () => {
    const { proxy } = await serve();
    const { page, context } = await openPhone(browser, proxy.url);
    const person = newPerson('kim');
    await page.getByLabel('E-mail').fill(person.email);
    await page.getByRole('textbox', { name: 'Password' }).fill('not this one');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').getByText('The e-mail or the password is wrong.').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await expect.poll(() => page.getByLabel('E-mail').inputValue()).toBe(person.email);
    await registerInApp(page, person, COUNTY);

    // Without leave to measure there is no place until one is chosen.
    await context.clearPermissions();
    await openTab(page, /^Report$/);
    await page.getByRole('button', { name: 'Report', exact: true }).click();
    const type = page.getByLabel('What happened?');
    await eventually(async () => expect(await type.getAttribute('aria-invalid')).toBe('true'));
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('field-type');
    await page.getByText('Say where: use your position or pick on the map.').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Use my position' }).click();
    await page.getByText('The position is blocked for this app.').waitFor();
    await openTab(page, /Places/);
    await page.getByRole('button', { name: 'Turn on notices' }).click();
    await page.getByText('Allow it in the browser to get notices.').waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await context.grantPermissions(['geolocation']);

    await whenStored(page);
    await context.setOffline(true);
    proxy.down();
    await fillReport(page, 'Animal', 'A moose on the road.');
    await submitReport(page);
    await page.getByRole('button', { name: /Account and region/ }).click();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByText('1 item has not been sent. Logging out deletes it.').waitFor();
    await page.getByRole('button', { name: 'Delete and log out' }).click();
    await page.getByRole('button', { name: 'Create account' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Create account' }).waitFor();
    await context.close();
  });
});
