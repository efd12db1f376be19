import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build, createServer, preview } from 'vite';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { useTestDatabase } from '../support/database.ts';
import { installPackages, writeFilesOfReadme } from '../support/packed-project.ts';
import { databaseIdentity, preparedReplica } from '../support/prepared-replica.ts';
import { registerAccount, startServerProcess, stopServerProcess } from '../support/server.ts';

const README = 'client-sdk/README.md';
const LISTEN = { port: 0, host: '127.0.0.1' };
const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc');
// As an app would check itself, with the types of the packages themselves looked into, too.
const STRICT = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'];
const PATIENCE = { timeout: 120_000 };

let browser: Browser;
beforeAll(async () => {
  if (chromiumPath !== undefined) browser = await launchChromium();
});
afterAll(() => browser?.close());

/** A page of its own storage, that is: a device of its own; with which files its replica began. */
async function open(url: string): Promise<{ page: Page; faults: string[]; began: string[] }> {
  const context = await browser.newContext();
  onTestFinished(() => context.close());
  const page = await context.newPage();
  const faults: string[] = [];
  const began: string[] = [];
  page.on('request', (request) => {
    const [, name] =
      /\/(empty-replica|initdb)[^/]*\.(?:bin|wasm)$/.exec(new URL(request.url()).pathname) ?? [];
    if (name !== undefined) began.push(name);
  });
  page.on('pageerror', (error) => {
    // PGlite's first start on an empty IndexedDB lets a promise of its own file system reject unheard, with an
    // error that has at most its name for a message; it then opens all the same.
    if (!['', 'ErrnoError'].includes(error.message)) faults.push(error.stack ?? error.message);
  });
  await page.goto(url);
  return { page, faults, began };
}

/** A server with an account, and a project with the packages and the files of the README for that account. */
async function prepare() {
  const database = await useTestDatabase();
  const server = await startServerProcess(database.url);
  onTestFinished(() => stopServerProcess(server));
  const { email, password } = await registerAccount(server.url, 'sam');
  const project = await installPackages();
  const names = await writeFilesOfReadme(README, project.dir, {
    'http://localhost:3000': server.url,
    'you@example.com': email,
    'your password': password,
  });
  return { project, names };
}

describe.skipIf(chromiumPath === undefined)(
  'the packages as npm publishes them',
  { timeout: 600_000 },
  () => {
    it("the README's first screen reports and syncs in Chromium, served and built, and its script in Node", async () => {
      const { project, names } = await prepare();
      expect(names.toSorted()).toEqual(['device.mjs', 'index.html', 'main.ts', 'vite.config.js']);
      for (const resolution of ['bundler', 'nodenext']) {
        const module = resolution === 'bundler' ? 'preserve' : resolution;
        const ways = ['--moduleResolution', resolution, '--module', module, '--target', 'es2023'];
        const libraries = ['--lib', 'es2023,dom,dom.iterable'];
        await project.node([TSC, ...STRICT, ...ways, ...libraries, 'main.ts']);
      }

      const served = await createServer({
        root: project.dir,
        logLevel: 'error',
        server: { ...LISTEN, hmr: false },
      });
      onTestFinished(() => served.close());
      await served.listen();
      const first = await open(served.resolvedUrls!.local[0]!);
      await first.page.getByText('online, 0 reports wait').waitFor(PATIENCE);
      await first.page.getByRole('button', { name: 'Report a theft here' }).click();
      await first.page.getByText('theft, severity 3').waitFor(PATIENCE);

      await build({ root: project.dir, logLevel: 'error' });
      expect(existsSync(join(project.dir, 'dist', 'index.html'))).toBe(true);
      const built = await preview({ root: project.dir, logLevel: 'error', preview: LISTEN });
      onTestFinished(() => built.close());
      const second = await open(built.resolvedUrls!.local[0]!);
      await second.page.getByText('theft, severity 3').waitFor(PATIENCE);
      expect([...first.faults, ...second.faults]).toEqual([]);
      expect([...first.began, ...second.began]).toEqual(['empty-replica', 'empty-replica']);

      expect(await project.node(['device.mjs'])).toContain('incidents: 1');
      const [control] = readdirSync(join(project.dir, 'device-a'), {
        recursive: true,
        encoding: 'utf8',
      }).filter((path) => path.endsWith(join('replica', 'global', 'pg_control')));
      expect(readFileSync(join(project.dir, 'device-a', control!)).readBigUInt64LE()).toBe(
        databaseIdentity(await preparedReplica()),
      );
    });
  },
);
