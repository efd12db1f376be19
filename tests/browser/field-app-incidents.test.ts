import type { Pool } from 'pg';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { chromiumPath } from '../support/chromium.ts';
import { useTestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { accessToken, registerAccount, startServerProcess, stopServerProcess } from '../support/server.ts';
import type { TestAccount } from '../support/server.ts';
import { faultsOf } from './field-app-eyes.ts';
import { insertForecasts, seesForecasts } from './field-app-forecasts.ts';
import {
  banner,
  fillReport,
  newPerson,
  launchForApp,
  openPhone,
  openTab,
  SPOT,
  registerInApp,
  sendElsewhere,
  submitReport,
} from './field-app-pages.ts';

const COUNTY = 'Stockholms län';

let browser: Browser;
beforeAll(async () => {
  if (chromiumPath !== undefined) browser = await launchForApp();
});
afterAll(() => browser?.close());

describe.skipIf(chromiumPath === undefined)('incidents in the field app', { timeout: 360_000 }, () => {
  it('are filtered, commented on and decided about, offline too, watched places give notice once, and forecasts say how good they are', async () => {
    const database = await useTestDatabase();
    const server = await startServerProcess(database.url);
    const proxy = await startFaultProxy(server.url);
    onTestFinished(async () => {
      await proxy.close();
      await stopServerProcess(server);
    });
    await insertForecasts(database.pool);
    const officers = await Promise.all(['rut', 'tor'].map((name) => registerAccount(server.url, name)));
    await database.pool.query(`UPDATE users SET role = 'officer' WHERE id = ANY ($1)`, [
      officers.map(({ id }) => id),
    ]);
    const [rut, tor] = officers as [TestAccount, TestAccount];
    const [kim, officer] = await Promise.all([openPhone(browser, server.url), openPhone(browser, proxy.url)]);
    await Promise.all([registerInApp(kim.page, newPerson('kim'), COUNTY), logIn(officer.page, rut)]);
    await fillReport(kim.page, 'Fire', 'Smoke from a roof.');
    await submitReport(kim.page);

    await kimFilters(kim.page);
    await kimWatches(kim.page);
    await kimMendsAPlace(kim.page, database.pool);
    await seesForecasts(kim.page, database.pool);

    await openIncident(officer.page);
    expect(await faultsOf(officer.page)).toEqual([]);
    await officer.context.setOffline(true);
    proxy.down();
    await officer.page.getByLabel('Write a comment').fill('On our way.');
    await officer.page.getByRole('button', { name: 'Comment', exact: true }).click();
    await officer.page.getByRole('article').getByText('Waiting to be sent').waitFor();
    await officer.page.getByRole('radio', { name: 'Verify' }).check();
    await officer.page.getByLabel('Note for other officers').fill('I see it.');
    await officer.page.getByRole('button', { name: 'Verify' }).click();
    await officer.page.getByRole('dialog').getByText('Verified', { exact: true }).waitFor();
    await expect.poll(() => officer.page.getByRole('radio', { name: 'Verify' }).count()).toBe(0);

    // Meanwhile another officer decides otherwise, so that this decision is not accepted.
    const { rows } = await database.pool.query<{ id: string }>('SELECT id FROM incidents');
    const tors = await accessToken(server.url, tor);
    const decision = { incidentId: rows[0]!.id, from: 'unverified', to: 'disputed' };
    await sendElsewhere(server.url, tors, 'incident.transition', decision);
    proxy.up();
    await officer.context.setOffline(false);
    const rejected = officer.page.getByRole('group', { name: 'Not accepted: Verify' });
    await rejected.getByText('Another officer has decided something else').waitFor({ timeout: 60_000 });
    await officer.page.getByText('Unverified → Disputed').waitFor();
    await rejected.getByRole('button', { name: 'Decide so all the same' }).click();
    await officer.page.getByText('Disputed → Verified').waitFor();
    await officer.page.getByText('I see it.').waitFor();
    await rejected.waitFor({ state: 'detached' });

    await openIncident(kim.page);
    await kim.page.getByRole('dialog').getByText('Verified', { exact: true }).waitFor();
    const comment = kim.page.getByRole('article').filter({ hasText: 'On our way.' });
    await comment.getByText('Officer').waitFor();
    await expect.poll(() => comment.getByRole('button', { name: 'Delete' }).count()).toBe(0);
    await expect.poll(() => kim.page.getByRole('heading', { name: 'Decide' }).count()).toBe(0);
    await kimVotes(kim.page, comment);
    const own = officer.page.getByRole('article').filter({ hasText: 'On our way.' });
    await own.getByRole('button', { name: 'Delete' }).click();
    await own.getByRole('button', { name: 'Delete it?' }).click();
    await comment.waitFor({ state: 'detached' });
    await kimFollowsAMerge(kim.page, server.url);
    await officerPartsAndJoins(officer.page);
    for (const phone of [kim, officer]) {
      expect(phone.faults).toEqual([]);
      await phone.context.close();
    }
  });
});

/** Votes on another's comment, takes the vote back, and is told why not without a network. */
async function kimVotes(page: Page, comment: Locator): Promise<void> {
  await comment.getByRole('button', { name: 'Agree: 0', exact: true }).click();
  await comment.getByRole('button', { name: 'Agree: 1', exact: true, pressed: true }).click();
  await comment.getByRole('button', { name: 'Agree: 0', exact: true, pressed: false }).waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await page.context().setOffline(true);
  await page.getByText('Votes on comments need a network.').waitFor();
  await page.context().setOffline(false);
  await comment.getByRole('button', { name: 'Disagree: 0' }).click();
  await comment.getByRole('button', { name: 'Disagree: 1', pressed: true }).waitFor();
}

/** Parts one of three reports from the incident in sight by hand, and joins the two incidents again. */
async function officerPartsAndJoins(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByText('3 reports').waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Part reports from it…' }).click();
  for (const box of await dialog.getByRole('checkbox').all()) await box.check();
  await page.getByText('At least one report must stay.').waitFor();
  expect(await faultsOf(page)).toEqual([]);
  for (const box of (await dialog.getByRole('checkbox').all()).slice(1)) await box.uncheck();
  await page.getByRole('button', { name: 'Part them' }).click();
  await dialog.getByText('2 reports').waitFor();
  await page.getByRole('button', { name: 'Join with another…' }).click();
  await dialog.getByRole('checkbox').first().check();
  expect(await faultsOf(page)).toEqual([]);
  await page.getByRole('button', { name: 'Join them' }).click();
  await dialog.getByText('3 reports').waitFor();
}

async function logIn(page: Page, { email, password }: TestAccount): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('textbox', { name: 'Password' }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('button', { name: COUNTY }).click({ timeout: 60_000 });
  await banner(page, 'Online. Everything is sent.');
}

async function openIncident(page: Page): Promise<void> {
  await openTab(page, /Incidents/);
  await page.getByRole('button', { name: /Serious:.*Fire/ }).click();
}

/** Filters away what there is, and back. */
async function kimFilters(page: Page): Promise<void> {
  await openTab(page, /Incidents/);
  await page.getByRole('button', { name: /Serious:.*Fire/ }).waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await page.getByRole('button', { name: 'Filters' }).click();
  expect(await faultsOf(page)).toEqual([]);
  await page.getByLabel('Only from official sources').check();
  await page.getByRole('button', { name: 'Show 0 incidents' }).click();
  await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
  await page.getByRole('button', { name: 'Show all again' }).click();
  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByRole('radio', { name: 'Nearest' }).check();
  await page.getByRole('button', { name: 'Show 1 incident' }).click();
  await page.getByRole('button', { name: /Serious:.*Fire.* m away/ }).waitFor();
}

/** Watches the place where this phone is, where something has been reported: one notice, also over a reload. */
async function kimWatches(page: Page): Promise<void> {
  await openTab(page, /Places/);
  await page.getByRole('button', { name: 'Add a place' }).click();
  await page.getByLabel('Name').fill('Home');
  await page.getByRole('button', { name: 'Here', exact: true }).click();
  await page.getByText('59.33260, 18.06490').waitFor();
  expect(await faultsOf(page)).toEqual([]);
  await page.getByRole('radio', { name: 'Anything' }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Home' }).waitFor();
  await page.getByText('Notices are off').waitFor();
  await page.getByRole('button', { name: 'Turn on notices' }).click();
  const notice = page.getByRole('alert').getByText('You are at Home');
  await notice.waitFor();
  await page.getByRole('alert').getByText('1 incident was reported there lately.').waitFor();
  // Outside of the app, too.
  await eventually(
    async () => expect(await page.evaluate(SHOWN_BY_THE_SYSTEM)).toEqual(['You are at Home']),
    {
      withinMs: 60_000,
    },
  );
  expect(await faultsOf(page)).toEqual([]);
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await page.getByRole('button', { name: 'Add a place' }).click();
  await page.getByLabel('Name').fill('Work');
  await page.reload();
  await page.getByText('Notices are on while the app is open').waitFor({ timeout: 60_000 });
  await page.getByRole('heading', { name: 'Home' }).waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Add a place' }).click();
  await expect.poll(() => page.getByLabel('Name').inputValue()).toBe('Work');
  await page.getByRole('button', { name: 'Start over' }).click();
  await expect.poll(() => page.getByLabel('Name').inputValue()).toBe('');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Name').fill('My home');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'My home' }).waitFor();
  await banner(page, 'Online. Everything is sent.');
  await expect.poll(() => notice.count()).toBe(0);
}

/** Runs in the page: what the system shows for it, outside of it. */
const SHOWN_BY_THE_SYSTEM = `navigator.serviceWorker.ready
  .then((registration) => registration.getNotifications())
  .then((notifications) => notifications.map(({ title }) => title))`;

/** A place more than may be watched is refused; it is mended in all that it says, and sent again when there is room. */
async function kimMendsAPlace(page: Page, pool: Pool): Promise<void> {
  const crowd = `INSERT INTO watches (id, user_id, name, lat, lon, radius_m, threshold)
    SELECT gen_random_uuid(), user_id, 'crowd', 59, 18, 500, 0.4 FROM watches, generate_series(1, 49)`;
  await page.getByRole('button', { name: 'Add a place' }).click();
  await page.getByLabel('Name').fill('Work');
  await page.getByRole('button', { name: 'Here', exact: true }).click();
  await page.getByText('59.33260, 18.06490').waitFor();
  await pool.query(crowd);
  await page.getByRole('button', { name: 'Save' }).click();
  const refused = page.getByRole('article').filter({ hasText: 'More places cannot be watched.' });
  await refused.getByText('Code: too_many_watches').waitFor({ timeout: 60_000 });
  expect(await faultsOf(page)).toEqual([]);
  await pool.query("DELETE FROM watches WHERE name = 'crowd'");
  await refused.getByRole('button', { name: 'Edit and send again' }).click();
  await expect.poll(() => page.getByLabel('Name').inputValue()).toBe('Work');
  await page.getByLabel('Name').fill('The office');
  await page.getByRole('radio', { name: '5 km' }).check();
  await page.getByRole('radio', { name: 'Very serious' }).check();
  await page.getByRole('button', { name: 'Send again', exact: true }).click();
  await refused.waitFor({ state: 'detached' });
  const office = "SELECT radius_m, threshold, lat FROM watches WHERE name = 'The office'";
  await eventually(async () =>
    expect((await pool.query(office)).rows).toEqual([
      { radius_m: 5000, threshold: 0.75, lat: SPOT.latitude },
    ]),
  );
}

/** While one looks at an incident, a report between it and an older one makes one of both. */
async function kimFollowsAMerge(page: Page, url: string): Promise<void> {
  const sees = async (name: string, metresNorth: number, severity: number) => {
    const token = await accessToken(url, await registerAccount(url, name));
    const lat = SPOT.latitude + metresNorth / 111_195;
    const location = { lat, lon: SPOT.longitude, accuracyM: 20 };
    const occurredAt = new Date().toISOString();
    await sendElsewhere(url, token, 'report.create', { type: 'fire', severity, occurredAt, location });
  };
  await page.keyboard.press('Escape');
  await sees('alex', 220, 5);
  await page.getByRole('button', { name: /Critical:.*Fire/ }).click();
  await page.getByRole('dialog').getByText('Unverified', { exact: true }).waitFor();
  await sees('bo', 110, 2);
  await page.getByText('This was found to be the same as another incident.').waitFor({ timeout: 60_000 });
  expect(await faultsOf(page)).toEqual([]);
  await page.getByRole('button', { name: 'Show that incident' }).click();
  await page.getByRole('dialog').getByText('Verified', { exact: true }).waitFor();
  await page.getByRole('dialog').getByText('3 reports').waitFor();
}
