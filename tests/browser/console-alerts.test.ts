import type { Pool } from 'pg';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useAlertReceiver } from '../support/alert-receiver.ts';
import { chromiumPath } from '../support/chromium.ts';
import { launchForConsole, logIn, openDesk, seesPage, startedServer } from './console-pages.ts';

const TITLE = 'Backups are not in order';

let browser: Browser;
beforeAll(async () => {
  if (chromiumPath !== undefined) browser = await launchForConsole();
});
afterAll(() => browser?.close());

describe.skipIf(chromiumPath === undefined)('what is wrong, in the console', { timeout: 480_000 }, () => {
  it('a backup that failed is on the overview, in the mark of every page and on the page of alerts, and so is its end', async () => {
    const receiver = await useAlertReceiver();
    const { url, database } = await startedServer({
      HALO_ALERT_WEBHOOK: receiver.url,
      HALO_RUNBOOK_URL: 'https://docs.example/runbook',
    });
    const desk = await openDesk(browser, `${url}/console`);
    const { page: overview, context } = desk;
    await logIn(overview);
    await overview.getByRole('heading', { name: 'All is well' }).waitFor();
    const alerts = await context.newPage();
    await alerts.goto(`${url}/console/alerts`);
    await alerts.getByText('No alert is open').waitFor();
    await alerts.getByText('No alert has ended yet').waitFor();
    receiver.answer(404);
    await alerts.getByRole('button', { name: 'Try the webhook' }).click();
    await alerts.getByRole('dialog').getByRole('button', { name: 'Send it' }).click();
    await alerts.getByText('The webhook did not take it: it answered 404.').waitFor();
    receiver.answer(200);
    const elsewhere = await context.newPage();
    await elsewhere.goto(`${url}/console/shapes`);
    const marked = elsewhere
      .getByRole('navigation')
      .getByRole('link', { name: 'Overview Something needs action now' });

    await insertRun(database.pool, 'failed');
    await overview.getByRole('heading', { name: 'Something needs action now' }).waitFor();
    const finding = overview.getByRole('link', { name: new RegExp(`^${TITLE} \\(backup\\)`) });
    await finding.waitFor();
    await expect.poll(() => overview.getByText('All is well').count()).toBe(0);
    await seesPage(overview, 'Overview');
    await marked.waitFor();
    await onPhone(elsewhere);
    // No reload: the page asks again by itself.
    const open = alerts.getByRole('list', { name: 'Open now' }).getByRole('listitem');
    const runbook = open.getByRole('link', { name: 'https://docs.example/runbook#backup_failed' });
    await expect.poll(() => runbook.getAttribute('href')).toBe('https://docs.example/runbook#backup_failed');
    await open.getByText('Critical', { exact: true }).waitFor();
    await seesPage(alerts, 'Alerts');
    await finding.click();
    await overview.getByRole('heading', { level: 1, name: TITLE }).waitFor();
    await expect.poll(() => new URL(overview.url()).pathname).toMatch(/^\/console\/alerts\/[0-9a-f-]{36}$/);
    await overview.getByText('Open', { exact: true }).waitFor();
    await seesPage(overview, TITLE);

    await insertRun(database.pool, 'succeeded');
    await overview.getByText('Over', { exact: true }).waitFor();
    await alerts.getByText('No alert is open').waitFor();
    await alerts.getByRole('row').filter({ hasText: TITLE }).waitFor();
    await seesPage(alerts, 'Alerts');
    await marked.waitFor({ state: 'detached' });
    await overview.getByRole('navigation').getByRole('link', { name: 'Overview', exact: true }).click();
    await overview.getByRole('heading', { name: 'All is well' }).waitFor();
    await alerts.goto(`${url}/console/alerts/00000000-0000-7000-8000-000000000000`);
    await alerts.getByText('There is no such alert').waitFor();
    expect(desk.faults).toEqual([]);
    await context.close();
  });
});

/** A backup that ended so, as its job leaves a record of it. */
async function insertRun(pool: Pool, state: 'failed' | 'succeeded'): Promise<void> {
  const error = state === 'failed' ? ['backup_place_full', 'No room is left.'] : [null, null];
  await pool.query(
    `INSERT INTO job_runs (id, job, trigger, state, started_at, finished_at, step, error_code, error)
     VALUES ($1, 'backup', 'schedule', $2, now(), now(), '', $3, $4)`,
    [crypto.randomUUID(), state, ...error],
  );
}

/** Where there is no room for the navigation, the mark is beside the name. */
async function onPhone(page: Page): Promise<void> {
  const size = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 800 });
  await page
    .getByRole('banner')
    .getByRole('link', { name: /Something needs action now$/ })
    .waitFor();
  if (size !== null) await page.setViewportSize(size);
}
