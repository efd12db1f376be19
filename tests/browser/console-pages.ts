import { existsSync } from 'node:fs';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { useTestDatabase } from '../support/database.ts';
import { OPERATOR, startServerProcess, stopServerProcess } from '../support/server.ts';
import { faultsOf } from './field-app-eyes.ts';

const BUILT = new URL('../../server/console/dist/index.html', import.meta.url);

/** An operator's browser, its own storage. */
export interface Desk {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors that no code caught, and answers that the content policy refused. */
  readonly faults: string[];
}

/** A server of a test's own with its database; both end with it. */
export async function startedServer(env: NodeJS.ProcessEnv = {}) {
  const database = await useTestDatabase();
  const server = await startServerProcess(database.url, { env });
  onTestFinished(() => stopServerProcess(server));
  return { url: server.url, database };
}

/** Starts a browser for the console, which must have been built. */
export function launchForConsole(): Promise<Browser> {
  if (!existsSync(BUILT)) throw new Error('build the console first: npm run build -w server/console');
  return launchChromium();
}

/** Opens a page of the console at a desk of its own. */
export async function openDesk(browser: Browser, url: string): Promise<Desk> {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1360, height: 860 } });
  // Ten thousand devices, and other browsers beside this one: it tells a hang from a wait.
  context.setDefaultTimeout(120_000);
  const faults: string[] = [];
  context.on('page', (page) => {
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) faults.push(message.text());
    });
  });
  const page = await context.newPage();
  await page.goto(url);
  return { context, page, faults };
}

/** Logs in; by default as the operator of the tests. */
export async function logIn(
  page: Page,
  { email, password }: { readonly email: string; readonly password: string } = OPERATOR,
): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** Pages of the console with the headings that they have. */
export const PAGES: Readonly<Record<string, string>> = {
  '': 'Overview',
  '/alerts': 'Alerts',
  '/devices': 'Devices',
  '/mutations': 'Mutations',
  '/shapes': 'Shapes',
  '/replication': 'Replication',
  '/feeds': 'Feeds',
  '/jobs': 'Jobs',
  '/models': 'Models',
  '/map': 'Map',
  '/users': 'Users',
  '/tokens': 'Service tokens',
  '/audit': 'Audit log',
};

/** Waits until a page has what it asked for, and expects nothing to be wrong with it, in light and dark and on a phone. */
export async function seesPage(page: Page, heading: string | RegExp): Promise<void> {
  await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  // Skeletons stand where something is still asked for.
  await page.locator('.skeleton').first().waitFor({ state: 'detached', timeout: 120_000 });
  const alerts = await page.getByRole('alert').allInnerTexts();
  expect(
    alerts.filter((text) => text.trim() !== ''),
    String(heading),
  ).toEqual([]);
  expect(await faultsOf(page), String(heading)).toEqual([]);
  // Nothing that axe finds is let pass, however slight.
  const { violations } = await page.evaluate<AxeResults>('axe.run(document)');
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
    String(heading),
  ).toEqual([]);
}
