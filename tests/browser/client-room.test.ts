import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { eventually } from '../support/eventually.ts';
import { serveSourcePages } from '../support/source-pages.ts';
import type { SourcePages } from '../support/source-pages.ts';
import { ProtocolServer } from '../integration/client-protocol-server.ts';
import { incidentRow, numberedId } from '../integration/client-samples.ts';

const PAGE = '/client-sdk/platform/browser/testing/index.html';

describe.skipIf(chromiumPath === undefined)('a client without room in Chromium', () => {
  let browser: Browser;
  let pages: SourcePages;
  let server: ProtocolServer;
  let context: BrowserContext;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    server = new ProtocolServer();
    const target = await server.start();
    pages = await serveSourcePages(target);
    context = await browser.newContext();
    context.setDefaultTimeout(120_000);
  });
  afterEach(async () => {
    await context.close();
    await pages.close();
    await server.stop();
  });

  async function tab(): Promise<Page> {
    const page = await context.newPage();
    page.on('pageerror', (error) => process.stderr.write(`page: ${error.stack ?? error.message}\n`));
    await page.goto(pages.origin + PAGE);
    await page.waitForFunction(() => 'harness' in globalThis);
    return page;
  }

  it('invariant 1: a browser without room refuses the report, by a code, and loses no earlier one', async () => {
    const page = await tab();
    const storage = await context.newCDPSession(page);
    await context.route(/\/(v1|api)\//, (route) => route.abort());
    const quotaSize = 200_000;
    await storage.send('Storage.overrideQuotaForOrigin', { origin: pages.origin, quotaSize });
    await page.evaluate(() => harness.openOutboxOnly('device'));
    const fill = () =>
      page.evaluate(async () => {
        for (let kept = 0; kept < 500; kept += 1) {
          try {
            await harness.report('x'.repeat(1_900));
          } catch (error) {
            return { kept, code: (error as { code?: string }).code };
          }
        }
        return undefined;
      });
    const filled = await fill();
    expect(filled).toMatchObject({ code: 'store_full' });
    const seqs = Array.from({ length: filled!.kept }, (_, index) => index + 1);
    const list = () => page.evaluate(() => harness.halo().outbox.list());
    expect((await list()).map(({ seq }) => seq)).toEqual(seqs);
    await storage.send('Storage.overrideQuotaForOrigin', { origin: pages.origin });
    expect(await page.evaluate(() => harness.report('later'))).toMatchObject({
      seq: filled!.kept + 1,
    });
  });

  // Chromium counts what is stored by files that it has yet to tidy: now and then the report itself finds no room, and the replica gives its own.
  it(
    'invariant 1: a replica for which there is no room, or whose Postgres crashes, holds up no delivery',
    { timeout: 180_000, retry: 2 },
    async () => {
      const page = await tab();
      const storage = await context.newCDPSession(page);
      // Room for a new replica and a little more. Chromium remembers for a while how much there was.
      const quotaSize = 9_000_000;
      await storage.send('Storage.overrideQuotaForOrigin', { origin: pages.origin, quotaSize });
      await page.evaluate(() => harness.open('device').then(() => harness.halo().whenLive()));
      await context.route('**/v1/mutations', (route) => route.abort());
      await page.evaluate(() => harness.report('queued before it was full'));
      let committed = 0;
      const commit = (count: number) =>
        server.commit(
          Array.from({ length: count }, () => {
            committed += 1;
            const value = incidentRow(numberedId(committed), '01');
            return { shape: 'incidents?region=01', operation: 'insert', value } as const;
          }),
        );
      const replica = () => page.evaluate(() => harness.halo().status().replica);
      const count = () =>
        page.evaluate(() =>
          harness
            .halo()
            .query<{ n: number }>('SELECT count(*)::int AS n FROM incidents')
            .then(([row]) => row!.n),
        );
      const fill = async () => {
        if (committed < 20_000) commit(500);
        expect((await replica()).error?.code).toBe('replica_full');
      };
      await eventually(fill, { withinMs: 60_000 });
      await context.unroute('**/v1/mutations');
      await page.evaluate(() => harness.halo().whenSettled());
      expect([(await replica()).state, server.ledger.size]).toEqual(['ready', 1]);
      await eventually(async () => expect(await count()).toBe(committed), { withinMs: 60_000 });

      await storage.send('Storage.overrideQuotaForOrigin', { origin: pages.origin });
      // What could not be written is tried again, without anything new.
      await eventually(async () => expect(await replica()).toEqual({ state: 'ready' }), { withinMs: 60_000 });

      // Deeper than WebAssembly's own stack: no error of Postgres, but the end of it.
      const crash = await page.evaluate(() =>
        harness
          .halo()
          .query("SELECT repeat('[', 10000000)::json")
          .catch((error: { code?: string; message: string }) => error.code ?? error.message),
      );
      expect(crash).toMatch(/crashed/);
      commit(1);
      await eventually(async () => expect(await count()).toBe(committed), { withinMs: 60_000 });
      await page.evaluate(() => harness.report('after the crash'));
      await page.evaluate(() => harness.halo().whenSettled());
      expect(server.ledger.size).toBe(2);
      // Read once, whatever became of it.
      expect(server.requests.filter(({ query }) => query.get('offset') === '-1')).toHaveLength(3);
    },
  );

  it("invariant 1: a replica gives its room to another tab's reports, and all of them are delivered", async () => {
    const page = await tab();
    const storage = await context.newCDPSession(page);
    // Room for a new replica and a little more.
    const quotaSize = 9_000_000;
    await storage.send('Storage.overrideQuotaForOrigin', { origin: pages.origin, quotaSize });
    await page.evaluate(() => harness.open('device').then(() => harness.halo().whenLive()));
    await page.evaluate(() => harness.kept('device'));
    await context.route('**/v1/mutations', (route) => route.abort());
    const other = await tab();
    await other.evaluate(() => harness.open('device').then(() => harness.halo().query('SELECT 1')));
    const kept = await other.evaluate(async () => {
      let reports = 0;
      // Five thousand take twice what there is.
      while (reports < 5_000 && harness.halo().status().replica.state !== 'unavailable') {
        await Promise.all(Array.from({ length: 50 }, () => harness.report('x'.repeat(1_900))));
        reports += 50;
      }
      return reports;
    });
    expect(kept).toBeLessThan(5_000);
    for (const each of [page, other]) {
      const replica = await each.evaluate(() => harness.halo().status().replica);
      expect(replica).toMatchObject({ state: 'unavailable', error: { code: 'replica_gave_room' } });
    }
    expect(await other.evaluate(() => harness.replicas())).toEqual([]);
    await context.unroute('**/v1/mutations');
    await page.evaluate(() => harness.halo().whenSettled());
    const seqs = [...server.ledger.values()].map(({ seq }) => seq).toSorted((a, b) => a - b);
    expect(seqs).toEqual(Array.from({ length: kept }, (_, index) => index + 1));
  }, 180_000);
});
