import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Page } from 'playwright-core';
import type { Harness } from '../../client-sdk/platform/browser/testing/harness-api.ts';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { startProcess } from '../support/process.ts';
import { registerAccount, startServerProcess, stopServerProcess } from '../support/server.ts';
import type { TestAccount } from '../support/server.ts';
import { serveSourcePages } from '../support/source-pages.ts';
import { insertIncidents } from './incident-rows.ts';
import type { Figure } from './read-bench.ts';
import type { OpenTimes } from '../../client-sdk/platform/browser/testing/time-to-open.ts';

const MIB = 2 ** 20;
const PAGE = '/client-sdk/platform/browser/testing/index.html';

declare global {
  var harness: Harness;
}

interface Opened extends OpenTimes {
  readonly bytes: number;
}

/**
 * A case that opens a device with so many incidents: for the first time, when all of them are fetched, and again; in Node,
 * beside PGlite alone on the same files, and in Chromium, where there is one.
 */
export function deviceOpen(rows: number) {
  return async (databaseUrl: string, dir: string): Promise<readonly Figure[]> => {
    const client = new pg.Client(databaseUrl);
    await client.connect();
    const server = await startServerProcess(databaseUrl, { env: { HALO_RATE_LIMIT: 'off' } });
    try {
      await insertIncidents(client, rows);
      const account = await registerAccount(server.url, 'opener');
      return [
        ...(await inNode(server.url, join(dir, `device-${rows}`), account, rows)),
        ...(chromiumPath === undefined ? [] : await inChromium(server.url, account, rows)),
      ];
    } finally {
      await stopServerProcess(server);
      await client.end();
    }
  };
}

async function inNode(url: string, dir: string, account: TestAccount, rows: number): Promise<Figure[]> {
  const run = async (mode: 'halo' | 'raw' | 'new', expected = rows) => {
    const child = startProcess(
      'tests/bench/open-device.ts',
      [mode, dir, url, account.email, account.password],
      {},
    );
    const [, line] = await child.waitFor(/^measured (.*)$/m, { withinMs: 300_000 });
    await child.exited;
    return checked(JSON.parse(line!) as Opened, expected);
  };
  const empty = await run('new', 0);
  const [first, again, raw] = [await run('halo'), await run('halo'), await run('raw')];
  const what = 'PGlite alone, same files';
  return [
    {
      name: `Node: ${rows} rows fetched, until live`,
      value: first.liveMs,
      unit: 'ms',
      floor: { what: 'an empty PGlite made', value: empty.liveMs },
    },
    {
      name: 'Node: opened again, until a query is answered',
      value: again.firstRowsMs,
      unit: 'ms',
      floor: { what, value: raw.firstRowsMs },
    },
    {
      name: 'Node: opened again, until live',
      value: again.liveMs,
      unit: 'ms',
      floor: { what, value: raw.liveMs },
    },
    {
      name: 'Node: peak memory, fetched',
      value: first.bytes / MIB,
      unit: 'MiB',
      floor: { what: 'an empty PGlite made', value: empty.bytes / MIB },
    },
    {
      name: 'Node: peak memory, opened again',
      value: again.bytes / MIB,
      unit: 'MiB',
      floor: { what, value: raw.bytes / MIB },
    },
  ];
}

async function inChromium(url: string, account: TestAccount, rows: number): Promise<Figure[]> {
  const pages = await serveSourcePages(url);
  const browser = await launchChromium();
  try {
    const context = await browser.newContext();
    const run = async () => {
      const page = await context.newPage();
      await page.goto(pages.origin + PAGE);
      await page.waitForFunction(() => 'harness' in globalThis);
      const before = memoryOfBrowsers();
      const times = await open(page, account);
      const bytes = memoryOfBrowsers() - before;
      await page.evaluate(() => harness.halo().close());
      await page.close();
      return checked({ ...times, bytes }, rows);
    };
    const [first, again] = [await run(), await run()];
    return [
      { name: `Chromium: ${rows} rows fetched, until live`, value: first.liveMs, unit: 'ms' },
      { name: 'Chromium: opened again, until a query is answered', value: again.firstRowsMs, unit: 'ms' },
      { name: 'Chromium: opened again, until live', value: again.liveMs, unit: 'ms' },
      { name: 'Chromium: memory more, opened again', value: again.bytes / MIB, unit: 'MiB' },
    ];
  } finally {
    await browser.close();
    await pages.close();
  }
}

function open(page: Page, { email, password }: TestAccount): Promise<OpenTimes> {
  return page.evaluate(([name, secret]) => harness.timedOpen('bench', name!, secret!), [email, password]);
}

function checked(opened: Opened, rows: number): Opened {
  if (opened.rows !== rows) throw new Error(`the replica has ${opened.rows} incidents of ${rows}`);
  return opened;
}

/** Resident memory of all that runs of Chromium, in bytes; NaN where the system does not tell. */
function memoryOfBrowsers(): number {
  try {
    const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return ids.reduce((sum, id) => sum + memoryOf(id), 0);
  } catch {
    return NaN;
  }
}

function memoryOf(id: string): number {
  try {
    const status = readFileSync(`/proc/${id}/status`, 'utf8');
    if (!/^Name:\s+(chrom|headless_shell)/m.test(status)) return 0;
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    // It has ended meanwhile.
    return 0;
  }
}
