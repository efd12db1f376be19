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
/** What a device is compared with where all rows are fetched, and where it has them already. */
const EMPTY = 'an empty PGlite made';
const ALONE = 'PGlite alone, same files';
/** Of the browser. */
const STORE = 'bench';
const PAGE = '/client-sdk/platform/browser/testing/index.html';

declare global {
  var harness: Harness;
}

interface Opened extends OpenTimes {
  readonly bytes: number;
}

/**
 * A case that opens a device with so many incidents: for the first time, when all of them are fetched, and again; in Node
 * and in Chromium, where there is one, each beside PGlite alone on the same files.
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

/** The times of a device's first start and of the next, each beside its floor. */
function figuresOf(
  where: string,
  found: Readonly<Record<'empty' | 'first' | 'again' | 'raw', Opened>> & { readonly rows: number },
): Figure[] {
  const { rows, empty, first, again, raw } = found;
  const line = (what: string, value: number, floor: Figure['floor'] & object): Figure => {
    return { name: `${where}: ${what}`, value, unit: 'ms', floor };
  };
  return [
    line(`${rows} rows fetched, until live`, first.liveMs, { what: EMPTY, value: empty.liveMs }),
    line('opened again, until a query is answered', again.firstRowsMs, {
      what: ALONE,
      value: raw.firstRowsMs,
    }),
    line('opened again, until live', again.liveMs, { what: ALONE, value: raw.liveMs }),
  ];
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
  const [first, again, raw] = [await run('halo'), fromDisk(await run('halo')), await run('raw')];
  return [
    ...figuresOf('Node', { rows, empty, first, again, raw }),
    {
      name: 'Node: peak memory, fetched',
      value: first.bytes / MIB,
      unit: 'MiB',
      floor: { what: EMPTY, value: empty.bytes / MIB },
    },
    {
      name: 'Node: peak memory, opened again',
      value: again.bytes / MIB,
      unit: 'MiB',
      floor: { what: ALONE, value: raw.bytes / MIB },
    },
  ];
}

async function inChromium(url: string, account: TestAccount, rows: number): Promise<Figure[]> {
  const pages = await serveSourcePages(url);
  const browser = await launchChromium();
  try {
    const context = await browser.newContext();
    const run = async (timed: (page: Page) => Promise<OpenTimes>, expected = rows) => {
      const page = await context.newPage();
      await page.goto(pages.origin + PAGE);
      await page.waitForFunction(() => 'harness' in globalThis);
      const before = memoryOfBrowsers();
      const times = await timed(page);
      const bytes = memoryOfBrowsers() - before;
      await page.evaluate(() => harness.close());
      await page.close();
      return checked({ ...times, bytes }, expected);
    };
    const opened = async (page: Page) => {
      const times = await open(page, account);
      await page.evaluate((store) => harness.kept(store), STORE);
      return times;
    };
    const empty = await run((page) => page.evaluate(() => harness.timedPostgres()), 0);
    const [first, again] = [await run(opened), fromDisk(await run(opened))];
    const raw = await run((page) => page.evaluate((store) => harness.timedPostgres(store), STORE));
    return figuresOf('Chromium', { rows, empty, first, again, raw }).concat({
      name: 'Chromium: memory more, opened again',
      value: again.bytes / MIB,
      unit: 'MiB',
      floor: { what: ALONE, value: raw.bytes / MIB },
    });
  } finally {
    await browser.close();
    await pages.close();
  }
}

function open(page: Page, { email, password }: TestAccount): Promise<OpenTimes> {
  return page.evaluate(
    ([store, name, secret]) => harness.timedOpen(store!, name!, secret!),
    [STORE, email, password],
  );
}

function checked(opened: Opened, rows: number): Opened {
  if (opened.rows !== rows) throw new Error(`the replica has ${opened.rows} incidents of ${rows}`);
  return opened;
}

/** What is said to be opened again must not have been fetched again. */
function fromDisk(opened: Opened): Opened {
  if (opened.firstRows === 0) throw new Error('the replica was empty when it was opened again');
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
