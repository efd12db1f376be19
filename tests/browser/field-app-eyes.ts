import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { spokenFaultsOf } from './field-app-ears.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const GRAVE: ReadonlySet<unknown> = new Set(['serious', 'critical']);
/** The narrowest phone that the app is for, in CSS pixels. */
const NARROW = { width: 320, height: 640 };

/** What differs between light and dark: the rest of axe's rules need no second look. */
const OF_COLOURS = "{ runOnly: ['color-contrast', 'link-in-text-block'] }";

/** How often a screen on which something is wrong is looked at, and how far apart in milliseconds. */
const LOOKS = 4;
const REST_MS = 1_000;

/**
 * What is wrong with a screen, and stays so: grave findings of axe, of its colours in light and dark; what is too wide; and
 * what a screen reader would stumble over. What is being drawn just now has some looks to be there.
 */
export async function faultsOf(page: Page): Promise<string[]> {
  for (let look = 1; ; look += 1) {
    const faults = await faultsNow(page);
    if (faults.length === 0 || look === LOOKS) return faults;
    await page.waitForTimeout(REST_MS);
  }
}

async function faultsNow(page: Page): Promise<string[]> {
  const faults: string[] = await spokenFaultsOf(page);
  if (!(await page.evaluate<boolean>("'axe' in globalThis"))) await page.evaluate(AXE);
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    const options = colorScheme === 'dark' ? OF_COLOURS : '{}';
    const { violations } = await page.evaluate<AxeResults>(`axe.run(document, ${options})`);
    for (const { id, impact, nodes } of violations) {
      if (GRAVE.has(impact)) faults.push(`${colorScheme}: ${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    }
  }
  const size = page.viewportSize();
  await page.setViewportSize(NARROW);
  const tooWide = await page.evaluate<string[]>(WIDER_THAN_THE_SCREEN);
  faults.push(...tooWide.map((html) => `wider than ${NARROW.width} px: ${html}`));
  if (size !== null) await page.setViewportSize(size);
  return faults;
}

/** Runs in the page: the document, a dialog that scrolls sideways, and what makes it so. */
const WIDER_THAN_THE_SCREEN = `[document.documentElement, ...document.querySelectorAll('dialog')]
  .filter((box) => box.scrollWidth > Math.max(box.clientWidth, 1))
  .flatMap((box) => [...box.querySelectorAll('*')]
    .filter((element) => element.getBoundingClientRect().right > box.getBoundingClientRect().right + 1)
    .slice(0, 3).map((element) => element.outerHTML.slice(0, 200)).concat(box.tagName))`;

/** Goes once round with Tab; resolves with whether the focus stayed within the open dialog. */
export async function focusStaysInDialog(page: Page, presses: number): Promise<boolean> {
  for (let press = 0; press < presses; press += 1) {
    await page.keyboard.press('Tab');
    // The browser's own bar may have its turn; what lies behind the dialog may not.
    const inside = await page.evaluate<boolean>(
      "document.activeElement === document.body || document.activeElement.closest('dialog') !== null",
    );
    if (!inside) return false;
  }
  return true;
}

/** What a web app tells about itself, as far as it is looked at here. */
interface Manifest {
  readonly icons: readonly { readonly sizes: string; readonly purpose?: string }[];
}

/** Test browsers keep each phone's storage apart as a private window's: nothing can be installed from there. */
const OF_THE_TEST_BROWSER = 'in-incognito';

/** What Chromium says about installing the page as an app. */
export async function installability(page: Page): Promise<{
  readonly errors: readonly string[];
  readonly manifest: Manifest;
}> {
  const session = await page.context().newCDPSession(page);
  const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
  const { data = '{}' } = await session.send('Page.getAppManifest');
  await session.detach();
  const errors = installabilityErrors.map(({ errorId }) => errorId);
  return {
    errors: errors.filter((error) => error !== OF_THE_TEST_BROWSER),
    manifest: JSON.parse(data) as Manifest,
  };
}
