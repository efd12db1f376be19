import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { eventually } from '../support/eventually.ts';
import { serveSourcePages } from '../support/source-pages.ts';
import type { SourcePages } from '../support/source-pages.ts';
import type { ReactHarness } from '../../client-sdk/react/testing/harness-api.ts';
import { ProtocolServer } from './client-protocol-server.ts';
import { incidentRow, numberedId } from './client-samples.ts';

const PAGE = '/client-sdk/react/testing/index.html';
const REACT = ['react', 'react/jsx-runtime', 'react/jsx-dev-runtime', 'react-dom/client'];
const PATIENCE = { withinMs: 60_000 };

declare global {
  var reactHarness: ReactHarness;
}

describe.skipIf(chromiumPath === undefined)('the hooks in Chromium', { timeout: 180_000 }, () => {
  let browser: Browser;
  let pages: SourcePages;
  let server: ProtocolServer;
  let page: Page;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    server = new ProtocolServer();
    const target = await server.start();
    pages = await serveSourcePages(target, REACT);
    page = await (await browser.newContext()).newPage();
    page.on('pageerror', (error) => process.stderr.write(`page: ${error.stack ?? error.message}\n`));
    await page.goto(pages.origin + PAGE);
    await page.waitForFunction(() => 'reactHarness' in globalThis, undefined, { timeout: 60_000 });
  });
  afterEach(async () => {
    await page.context().close();
    await pages.close();
    await server.stop();
  });

  const newest = () => page.evaluate(() => reactHarness.renderings().at(-1)!);
  const commit = (n: number, region: string) =>
    server.commit([
      { shape: `incidents?region=${region}`, operation: 'insert', value: incidentRow(numberedId(n), region) },
    ]);

  it('useLive follows the replica, never shows one query the rows of another, and ends with the screen', async () => {
    commit(1, '01');
    commit(2, '12');
    await page.evaluate(() => reactHarness.mount('01'));
    await eventually(async () => expect((await newest()).incidents).toHaveLength(1), PATIENCE);
    commit(3, '01');
    await eventually(async () => expect((await newest()).incidents).toHaveLength(2), PATIENCE);

    const { begun } = await page.evaluate(() => reactHarness.subscriptions());
    await page.evaluate(() => reactHarness.show('01'));
    await page.evaluate(() => reactHarness.show('12'));
    await eventually(async () => expect((await newest()).incidents).toHaveLength(1), PATIENCE);
    // One for the other region; rendering anew with a new array of the same values began none.
    expect((await page.evaluate(() => reactHarness.subscriptions())).begun).toBe(begun + 1);
    const renderings = await page.evaluate(() => reactHarness.renderings());
    for (const { region, incidents } of renderings) {
      for (const row of incidents ?? []) expect(row.region).toBe(region);
    }
    expect(renderings.some(({ region, incidents }) => region === '12' && incidents === undefined)).toBe(true);

    expect((await page.evaluate(() => reactHarness.subscriptions())).open).toBeGreaterThan(0);
    await page.evaluate(() => reactHarness.unmount());
    expect((await page.evaluate(() => reactHarness.subscriptions())).open).toBe(0);
  });

  it('useReport, useOutbox and useStatus show a report queued offline, rejected, mended and delivered', async () => {
    server.judge = ({ args }) =>
      (args as { description: string }).description === 'wrong'
        ? { status: 'rejected', code: 'too_old', message: 'It is too old.' }
        : { status: 'applied' };
    await page.context().route(/\/(v1|api)\//, (route) => route.abort());
    await page.evaluate(() => reactHarness.mount('01'));
    await eventually(async () => expect(await newest()).toMatchObject({ network: 'offline' }), PATIENCE);

    expect(await page.evaluate(() => reactHarness.report(9, 'of no such severity'))).toHaveProperty('error');
    const refused = { saving: false, error: { code: 'invalid_report', field: 'severity' }, entries: [] };
    await eventually(async () => expect(await newest()).toMatchObject(refused));

    const sent = await page.evaluate(() => reactHarness.report(3, 'wrong'));
    if ('error' in sent) throw sent.error;
    const queued = { outbox: { pending: 1, rejected: 0 }, entries: [{ id: sent.id, state: 'pending' }] };
    await eventually(async () => expect(await newest()).toMatchObject({ ...queued, saving: false }));
    const renderings = await page.evaluate(() => reactHarness.renderings());
    expect(renderings.some(({ saving }) => saving)).toBe(true);
    expect(renderings.at(-1)?.error).toBeUndefined();

    await page.context().unroute(/\/(v1|api)\//);
    const rejected = {
      network: 'online',
      entries: [{ id: sent.id, state: 'rejected', rejection: { code: 'too_old' } }],
    };
    await eventually(async () => expect(await newest()).toMatchObject(rejected), PATIENCE);
    const again = await page.evaluate((id) => reactHarness.resend(id, 'mended'), sent.id);
    expect(again).toMatchObject({ seq: 2 });
    const empty = { outbox: { pending: 0, rejected: 0 }, entries: [] };
    await eventually(async () => expect(await newest()).toMatchObject(empty), PATIENCE);
    expect([...server.ledger.values()].map(({ status }) => status)).toEqual(['rejected', 'applied']);
  });
});
