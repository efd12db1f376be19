import type { Browser, Page } from 'playwright-core';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { chromiumPath } from '../support/chromium.ts';
import { useTestDatabase } from '../support/database.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { accessToken, registerAccount, startServerProcess, stopServerProcess } from '../support/server.ts';
import type { TestAccount } from '../support/server.ts';
import {
  banner,
  fillReport,
  newPerson,
  launchForApp,
  openPhone,
  openTab,
  registerInApp,
  submitReport,
} from './field-app-pages.ts';

const COUNTY = 'Stockholms län';

let browser: Browser;
beforeAll(async () => {
  if (chromiumPath !== undefined) browser = await launchForApp();
});
afterAll(() => browser?.close());

describe.skipIf(chromiumPath === undefined)('incidents in the field app', { timeout: 240_000 }, () => {
  it('are filtered, commented on and decided about, offline too, and watched places give notice once', async () => {
    const database = await useTestDatabase();
    const server = await startServerProcess(database.url);
    const proxy = await startFaultProxy(server.url);
    onTestFinished(async () => {
      await proxy.close();
      await stopServerProcess(server);
    });
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

    await openIncident(officer.page);
    await officer.context.setOffline(true);
    proxy.down();
    await officer.page.getByLabel('Write a comment').fill('On our way.');
    await officer.page.getByRole('button', { name: 'Comment', exact: true }).click();
    await officer.page.getByRole('article').getByText('Waiting to be sent').waitFor();
    await officer.page.getByRole('radio', { name: 'Verify' }).check();
    await officer.page.getByLabel('Note for other officers').fill('I see it.');
    await officer.page.getByRole('button', { name: 'Verify' }).click();
    await officer.page.getByRole('dialog').getByText('Verified', { exact: true }).waitFor();
    expect(await officer.page.getByRole('radio', { name: 'Verify' }).count()).toBe(0);

    // Meanwhile another officer decides otherwise, so that this decision is not accepted.
    const { rows } = await database.pool.query<{ id: string }>('SELECT id FROM incidents');
    await decide(server.url, tor, { incidentId: rows[0]!.id, from: 'unverified', to: 'disputed' });
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
    expect(await comment.getByRole('button', { name: 'Delete' }).count()).toBe(0);
    expect(await kim.page.getByRole('heading', { name: 'Decide' }).count()).toBe(0);
    const own = officer.page.getByRole('article').filter({ hasText: 'On our way.' });
    await own.getByRole('button', { name: 'Delete' }).click();
    await own.getByRole('button', { name: 'Delete it?' }).click();
    await comment.waitFor({ state: 'detached' });
    for (const phone of [kim, officer]) {
      expect(phone.faults).toEqual([]);
      await phone.context.close();
    }
  });
});

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
  await page.getByRole('button', { name: 'Filters' }).click();
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
  await page.getByRole('radio', { name: 'Anything' }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Home' }).waitFor();
  await page.getByText('Notices are off').waitFor();
  await page.getByRole('button', { name: 'Turn on notices' }).click();
  const notice = page.getByRole('alert').getByText('You are at Home');
  await notice.waitFor();
  await page.getByRole('alert').getByText('1 incident was reported there lately.').waitFor();
  await page.reload();
  await page.getByText('Notices are on while the app is open').waitFor({ timeout: 60_000 });
  await page.getByRole('heading', { name: 'Home' }).waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Name').fill('My home');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'My home' }).waitFor();
  await banner(page, 'Online. Everything is sent.');
  expect(await notice.count()).toBe(0);
}

/** A decision of an officer with another app. */
async function decide(url: string, account: TestAccount, args: Record<string, string>): Promise<void> {
  const token = await accessToken(url, account);
  const createdAt = new Date().toISOString();
  const mutation = { seq: 1, id: uuidv7(), type: 'incident.transition', createdAt, args };
  const response = await fetch(new URL('/v1/mutations', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ deviceId: crypto.randomUUID(), mutations: [mutation] }),
  });
  expect(await response.json()).toMatchObject({ results: [{ status: 'applied' }] });
}
