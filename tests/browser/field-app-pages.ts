import { existsSync } from 'node:fs';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { uuidv7 } from 'uuidv7';
import { expect } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { eventually } from '../support/eventually.ts';

const BUILT = new URL('../../client-sdk/field-app/dist/index.html', import.meta.url);

/** How often these phones measure where they are. */
const MEASURE_EVERY_MS = 1_000;

/** A spot in Stockholm, where the phones of these tests are. */
export const SPOT = { latitude: 59.3326, longitude: 18.0649, accuracy: 12 };

/** A phone with the app: its own storage, its own person. */
export interface Phone {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Origins asked by any page or worker of this phone. */
  readonly origins: Set<string>;
  /** Errors that no code caught, and answers that the content policy refused. */
  readonly faults: string[];
}

const PHONE: BrowserContextOptions = {
  locale: 'en-GB',
  viewport: { width: 375, height: 760 },
  hasTouch: true,
  isMobile: true,
};

/** In the place of a phone: a desk, at which Swedish is spoken. */
export const SWEDISH_DESK: BrowserContextOptions = {
  locale: 'sv-SE',
  viewport: { width: 1280, height: 800 },
};

/** Starts a browser for the app, which must have been built. */
export function launchForApp(): Promise<Browser> {
  if (!existsSync(BUILT)) throw new Error('build the field app first: npm run build -w client-sdk/field-app');
  return launchChromium();
}

/** Opens the app on a phone of its own; `prepare` comes before its first page. */
export async function openPhone(
  browser: Browser,
  url: string,
  prepare?: (context: BrowserContext) => Promise<unknown>,
  kind: BrowserContextOptions = PHONE,
): Promise<Phone> {
  const context = await browser.newContext({
    ...kind,
    geolocation: SPOT,
    permissions: ['geolocation', 'notifications'],
  });
  // Postgres opens in it, and other browsers run beside this one: it tells a hang from a wait.
  context.setDefaultTimeout(120_000);
  // A phone measures again and again; Chromium's stand-in does so only when it is told a position, also the same.
  const measuring = setInterval(() => void context.setGeolocation(SPOT).catch(() => {}), MEASURE_EVERY_MS);
  context.on('close', () => clearInterval(measuring));
  const origins = new Set<string>();
  const faults: string[] = [];
  context.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith('http')) origins.add(origin);
  });
  await prepare?.(context);
  const page = await context.newPage();
  page.on('pageerror', (error) => {
    // PGlite's first start on an empty IndexedDB lets one promise of its own file system reject unheard; it
    // then opens all the same.
    if (error.message !== 'ErrnoError') faults.push(error.message);
  });
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) faults.push(message.text());
  });
  await page.goto(url);
  return { context, page, origins, faults };
}

/** A new account's data. */
export function newPerson(name: string) {
  return {
    displayName: name,
    email: `${name}-${crypto.randomUUID()}@halo.example`,
    password: `the password of ${name}`,
  };
}

/** Registers in the app (in English) and chooses a county. */
export async function registerInApp(
  page: Page,
  person: ReturnType<typeof newPerson>,
  county: string,
): Promise<void> {
  await registerAs(page, person);
  await page.getByRole('button', { name: county }).click({ timeout: 60_000 });
  await banner(page, 'Online. Everything is sent.');
}

/** Registers in the app (in English). */
export async function registerAs(page: Page, person: ReturnType<typeof newPerson>): Promise<void> {
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByLabel('Your name').fill(person.displayName);
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByRole('textbox', { name: 'Password' }).fill(person.password);
  await page.getByRole('button', { name: 'Create account' }).click();
}

/** One mutation of a device that is none of the test's browsers, settled at once. */
export async function sendElsewhere(url: string, token: string, type: string, args: object): Promise<void> {
  const mutation = { seq: 1, id: uuidv7(), type, createdAt: new Date().toISOString(), args };
  const response = await fetch(new URL('/v1/mutations', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ deviceId: crypto.randomUUID(), mutations: [mutation] }),
  });
  expect(await response.json()).toMatchObject({ results: [{ status: 'applied' }] });
}

/** Waits until the banner says `text`. */
export async function banner(page: Page, text: string): Promise<void> {
  await page.getByRole('status').filter({ hasText: text }).first().waitFor({ timeout: 60_000 });
}

/** Goes to a view by the way a person goes. */
export async function openTab(page: Page, name: RegExp): Promise<void> {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name }).click();
}

/** Fills in the report form (in English) at the phone's own position. */
export async function fillReport(page: Page, type: string, description: string): Promise<void> {
  await openTab(page, /^Report$/);
  await page.getByLabel('What happened?').selectOption({ label: type });
  await page.getByRole('radio', { name: /Serious/ }).check();
  await page.getByRole('button', { name: 'Use my position' }).click();
  await page.getByText('Your position, accurate to 12').waitFor();
  await page.getByLabel('What did you see?').fill(description);
}

/** Sends what is in the form and waits for the word that it is safe. */
export async function submitReport(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Report', exact: true }).click();
  await page.getByRole('heading', { name: 'Safe on this device' }).waitFor();
}

/** Waits until the app has been stored for use without a network. */
export async function whenStored(page: Page): Promise<void> {
  await page.evaluate('navigator.serviceWorker.ready.then(() => true)');
}

/**
 * Waits until the browser's disk holds the row of this id: the replica is written behind what is shown
 * (relaxed durability), and a reload before that shows the state before it.
 */
export async function whenReplicaHolds(page: Page, id: string): Promise<void> {
  const bytes = JSON.stringify(
    id
      .replaceAll('-', '')
      .match(/../g)
      ?.map((byte) => parseInt(byte, 16)),
  );
  await eventually(() => page.evaluate<boolean>(`(${replicaHolds})(${bytes})`), {
    withinMs: 60_000,
    everyMs: 500,
  });
}

/** Runs in the page: looks for the bytes in the files that PGlite keeps in IndexedDB. */
const replicaHolds = `async (bytes) => {
  const text = (contents) => new TextDecoder('latin1').decode(contents);
  const answer = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const needle = text(new Uint8Array(bytes));
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith('/pglite/')) continue;
    const database = await answer(indexedDB.open(name));
    const files = await answer(database.transaction('FILE_DATA').objectStore('FILE_DATA').getAll());
    database.close();
    if (files.some(({ contents }) => contents !== undefined && text(contents).includes(needle))) return true;
  }
  return false;
}`;
