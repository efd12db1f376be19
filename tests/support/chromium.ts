import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';

const CANDIDATES = [
  process.env.CHROMIUM_PATH,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** Where a Chromium was found; undefined, said on standard error, where there is none. */
export const chromiumPath = CANDIDATES.find((path) => path !== undefined && existsSync(path));
if (chromiumPath === undefined) {
  process.stderr.write('skipped: no Chromium (install the package chromium, or set CHROMIUM_PATH)\n');
}

/** Starts the browser that tests drive. */
export function launchChromium(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error('no Chromium');
  return chromium.launch({ executablePath: chromiumPath, args: FLAGS });
}
