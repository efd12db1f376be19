import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chromiumPath, launchChromium } from '../support/chromium.ts';
import { eventually } from '../support/eventually.ts';
import { databaseIdentity, preparedReplica } from '../support/prepared-replica.ts';
import { serveSourcePages } from '../support/source-pages.ts';
import type { SourcePages } from '../support/source-pages.ts';
import { pack } from '../../client-sdk/platform/prepared/prepared-replica.ts';
import type { Harness } from '../../client-sdk/platform/browser/testing/harness-api.ts';
import { ProtocolServer } from '../integration/client-protocol-server.ts';
import { incidentRow, numberedId } from '../integration/client-samples.ts';

const PAGE = '/client-sdk/platform/browser/testing/index.html';

declare global {
  var harness: Harness;
  var callsForLeader: number;
  var isHeard: boolean;
}

describe.skipIf(chromiumPath === undefined)('the client in Chromium', () => {
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

  it('begins with the prepared replica, after a first start cut off, too; with initdb where that is not to be had', async () => {
    const asked: string[] = [];
    context.on('request', (request) => {
      const [name] = /(empty-replica|initdb)\.(bin|wasm)$/.exec(new URL(request.url()).pathname) ?? [];
      if (name !== undefined) asked.push(name);
    });
    const page = await tab();
    const openAs = (store: string) =>
      page.evaluate(async (name) => {
        await harness.open(name);
        const [row] = await harness
          .halo()
          .query<{ id: string }>('SELECT system_identifier::text AS id FROM pg_control_system()');
        await harness.halo().close();
        return BigInt(row!.id);
      }, store);
    const prepared = databaseIdentity(await preparedReplica());
    expect(await openAs('device')).toBe(prepared);
    expect(await openAs('device')).toBe(prepared);
    expect(asked).toEqual(['empty-replica.bin']);

    await page.evaluate(() => harness.cutOffFirstStart('device', 'cut-off'));
    expect(await openAs('cut-off')).toBe(prepared);

    await context.route(/empty-replica/, (route) => route.fulfill({ body: '<!doctype html>' }));
    expect(await openAs('other')).not.toBe(prepared);
    expect(asked).toEqual([...Array<string>(3).fill('empty-replica.bin'), 'initdb.wasm']);

    const ofAnother = pack({ ...(await preparedReplica()), pglite: '0.0.1' });
    await context.route(/empty-replica/, (route) => route.fulfill({ body: gzipSync(ofAnother) }));
    expect(await openAs('of another PGlite')).not.toBe(prepared);
  }, 180_000);

  it('its outbox keeps the contract of all outboxes', async () => {
    const page = await tab();
    const titles = await page.evaluate(() => harness.outboxCases());
    expect(titles.length).toBeGreaterThan(5);
    for (const title of titles) {
      expect([title, await page.evaluate((name) => harness.runOutboxCase(name), title)]).toEqual([
        title,
        'passed',
      ]);
    }
  });

  it('invariant 1: tabs that append at the same time share one gap-free count', async () => {
    const tabs = [await tab(), await tab(), await tab()];
    const seqs = await Promise.all(
      tabs.map((page) => page.evaluate(() => harness.appendFromSeveralTabs(30))),
    );
    expect(seqs.flat().toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 90 }, (_, index) => index + 1),
    );
  });

  it('tabs share replica and queue; when the leading one dies another goes on, and nothing is doubled', async () => {
    server.commit([
      { shape: 'incidents?region=01', operation: 'insert', value: incidentRow(numberedId(1), '01') },
    ]);
    const first = await tab();
    await first.evaluate(() => harness.open('device').then(() => harness.halo().whenLive()));
    const second = await tab();
    await second.evaluate(() => harness.open('device').then(() => harness.halo().whenLive()));
    const incidents = (page: Page) => page.evaluate(() => harness.halo().query('SELECT id FROM incidents'));
    expect(await incidents(second)).toHaveLength(1);
    expect(server.requests.filter(({ query }) => query.get('offset') === '-1')).toHaveLength(3);

    const compared = await second.evaluate(() => harness.halo().verify());
    expect(compared.map(({ shape, outcome, device, server }) => [shape, outcome, device, server])).toEqual([
      ['incidents?region=01', 'equal', 1, 1],
      ['my_reports', 'equal', 0, 0],
      ['my_mutations', 'equal', 0, 0],
    ]);
    await second.evaluate(() => harness.report('from the tab that follows'));
    await second.evaluate(() => harness.halo().whenSettled());
    // Deleting the files fails while a tab runs the replica, and does not strike when it has gone either.
    const deleting = second.evaluate(() =>
      harness.destroyReplica('device').catch((error: Error) => error.message),
    );
    await first.close();
    await second.evaluate(() => harness.report('after the leader died'));
    await second.evaluate(() => harness.halo().whenSettled());
    server.commit([
      { shape: 'incidents?region=01', operation: 'insert', value: incidentRow(numberedId(2), '01') },
    ]);
    await eventually(async () => expect(await incidents(second)).toHaveLength(2), { withinMs: 60_000 });
    expect(await deleting).toBe('another tab holds the replica');
    expect([...server.ledger.values()].map(({ seq }) => seq)).toEqual([1, 2]);
    expect(server.requests.filter(({ query }) => query.get('offset') === '-1')).toHaveLength(3);
  }, 180_000);

  it('tabs that cannot run Postgres when their turn comes leave it to the next, also one that is still opening', async () => {
    server.commit([
      { shape: 'incidents?region=01', operation: 'insert', value: incidentRow(numberedId(1), '01') },
    ]);
    const [first, opening, open, last] = [await tab(), await tab(), await tab(), await tab()];
    await opening.evaluate(() => {
      const { prototype } = BroadcastChannel;
      const post = prototype.postMessage;
      globalThis.callsForLeader = 0;
      globalThis.isHeard = false;
      prototype.postMessage = function (message: { type?: string }) {
        const isCall = message.type === 'tab-here';
        if (isCall) globalThis.callsForLeader += 1;
        if (globalThis.isHeard || !isCall) post.call(this, message);
      };
    });
    for (const page of [first, opening, open, last])
      await page.evaluate(() => harness.open('device').then(() => harness.halo().whenLive()));
    const incidents = (page: Page) => page.evaluate(() => harness.halo().query('SELECT id FROM incidents'));
    for (const page of [open, last]) expect(await incidents(page)).toHaveLength(1);
    await opening.waitForFunction(() => globalThis.callsForLeader > 0);
    await opening.evaluate(() => (globalThis.isHeard = true));
    let asked = 0;
    await context.route(/pglite\.wasm/, (route) => {
      asked += 1;
      return asked <= 2 ? route.abort() : route.continue();
    });
    await first.close();
    for (const page of [last, open, opening])
      await eventually(async () => expect(await incidents(page)).toHaveLength(1), { withinMs: 60_000 });
    // And none of them has deleted what is stored, to read it anew.
    expect(asked).toBe(3);
    expect(server.requests.filter(({ query }) => query.get('offset') === '-1')).toHaveLength(3);
  }, 180_000);

  it('the leading tab also streams what only another one wants, and goes on when that one leads', async () => {
    server.commit([
      { shape: 'incidents?region=01', operation: 'insert', value: incidentRow(numberedId(1), '01') },
      { shape: 'incidents?region=12', operation: 'insert', value: incidentRow(numberedId(2), '12') },
    ]);
    const first = await tab();
    await first.evaluate(() => harness.open('device', '01').then(() => harness.halo().whenLive()));
    const second = await tab();
    await second.evaluate(() => harness.open('device', '12').then(() => harness.halo().whenLive()));
    const regions = (page: Page) =>
      page.evaluate(() => harness.halo().query('SELECT region FROM incidents ORDER BY region'));
    expect(await regions(second)).toEqual([{ region: '01' }, { region: '12' }]);
    const shapes = await first.evaluate(() =>
      harness
        .halo()
        .status()
        .streams.map(({ shape }) => shape),
    );
    expect(shapes).not.toContain('incidents?region=12');

    // An offline cache without the files that are loaded late, or a server that has a newer version.
    await context.route(/(verifier|ask-leading-tab)\.ts/, (route) => route.abort());
    for (const page of [first, second]) {
      const verify = () =>
        harness
          .halo()
          .verify()
          .then(String, (error: { code?: string }) => error.code);
      expect(await page.evaluate(verify)).toBe('part_not_loaded');
    }

    expect(server.requests.filter(({ query }) => query.get('offset') === '-1')).toHaveLength(4);
    await first.close();
    server.commit([
      { shape: 'incidents?region=12', operation: 'insert', value: incidentRow(numberedId(3), '12') },
    ]);
    // It died without a word: what only that tab wanted is kept for a while, in case it was reloaded.
    await eventually(
      async () =>
        expect(await regions(second)).toEqual([{ region: '01' }, { region: '12' }, { region: '12' }]),
      { withinMs: 60_000 },
    );
  }, 180_000);

  it('opens offline into its data and its queue after a reload, and delivers once', async () => {
    server.commit([
      { shape: 'incidents?region=01', operation: 'insert', value: incidentRow(numberedId(1), '01') },
    ]);
    const page = await tab();
    await page.evaluate(() => harness.open('device').then(() => harness.halo().whenLive()));
    // Only the API is out of reach: the page itself would come from a service worker.
    await context.route(/\/(v1|api)\//, (route) => route.abort());
    await page.evaluate(() => harness.report('offline'));
    await page.reload();
    await page.waitForFunction(() => 'harness' in globalThis);
    await page.evaluate(() => harness.open('device'));
    const mine = () =>
      page.evaluate(() => harness.halo().query('SELECT description, sync_state FROM my_reports'));
    expect(await mine()).toEqual([{ description: 'offline', sync_state: 'queued' }]);
    await context.unroute(/\/(v1|api)\//);
    await page.evaluate(() => harness.halo().whenSettled());
    expect(server.ledger.size).toBe(1);
  }, 180_000);

  it('invariant 8: a log-out ends the other tab too, and the next log-in finds a replica of its own', async () => {
    const row = (n: number) => incidentRow(numberedId(n), '01');
    server.commit([{ shape: 'incidents?region=01', operation: 'insert', value: row(1) }]);
    const [first, second] = [await tab(), await tab()];
    for (const page of [first, second])
      await page.evaluate(() => harness.open('device').then(() => harness.halo().whenLive()));
    await second.evaluate(() => harness.halo().logout());
    await eventually(async () =>
      expect(
        await first.evaluate(() =>
          harness
            .halo()
            .outbox.list()
            .catch((error: { code: string }) => error.code),
        ),
      ).toBe('closed'),
    );
    server.commit([{ shape: 'incidents?region=01', operation: 'delete', value: row(1) }]);
    for (const page of [second, first]) {
      await page.evaluate(() => harness.open('device').then(() => harness.halo().whenLive()));
      expect(await page.evaluate(() => harness.halo().query('SELECT id FROM incidents'))).toEqual([]);
    }
    const { id } = await first.evaluate(() => harness.report('after the log-in'));
    await first.evaluate(() => harness.halo().whenSettled());
    expect(server.ledger.get(id)).toMatchObject({ status: 'applied' });
  }, 180_000);

  it("invariant 1 (O13): 150 reports of three tabs are settled once, in each tab's order, though leaders are killed", async () => {
    const settled: string[] = [];
    server.judge = ({ args }) => {
      settled.push((args as { description: string }).description);
      return { status: 'applied' };
    };
    const kept: string[] = [];
    const openTab = async () => {
      const page = await tab();
      page.on('console', (message) => {
        if (message.text().startsWith('kept ')) kept.push(message.text().slice(5));
      });
      await page.evaluate(() => harness.openOutboxOnly('device'));
      return page;
    };
    const keptOf = (name: string) => kept.filter((line) => line.startsWith(`${name} `));
    const report = (page: Page, name: string, from: number, to: number) =>
      page
        .evaluate(([n, a, b]) => harness.reportMany(n, a, b), [name, from, to] as const)
        // A page that is killed has no more to say.
        .catch(() => {});
    // The first of them leads; whenever the leader has kept some reports it is killed, and the next leads.
    // Whoever comes in a killed one's place reports under a name of its own: what that one has kept may not all have been heard.
    const [names, heirs] = [
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
    ] as const;
    const tabs: Page[] = [];
    for (const _name of names) tabs.push(await openTab());
    const running = tabs.map((page, n) => report(page, names[n]!, 1, 50));
    for (const [n, page] of tabs.entries()) {
      const name = names[n]!;
      await eventually(() => keptOf(name).length >= 5 + 10 * n, { withinMs: 60_000 });
      await page.close();
      await running[n];
      running[n] = report(await openTab(), heirs[n]!, 1, 50 - keptOf(name).length);
    }
    await Promise.all(running);
    // What a killed tab said last may be heard late, and is more than was counted.
    expect(kept.length).toBeGreaterThanOrEqual(150);
    await eventually(() => expect(kept.filter((line) => !settled.includes(line))).toEqual([]), {
      withinMs: 60_000,
    });
    expect(new Set(settled).size).toBe(settled.length);
    for (const name of [...names, ...heirs]) {
      const numbers = settled
        .filter((line) => line.startsWith(`${name} `))
        .map((line) => Number(line.slice(2)));
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    }
    const seqs = [...server.ledger.values()].map(({ seq }) => seq);
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, index) => index + 1));
  }, 240_000);

  it('invariant 1: a queue of 20,000 opens, is counted and paged, and is sent from its beginning', async () => {
    let batchesToTake = 0;
    server.intercept = ({ path }, _request, response) => {
      if (path !== '/v1/mutations') return false;
      batchesToTake -= 1;
      if (batchesToTake < 0) response.writeHead(503).end();
      return batchesToTake < 0;
    };
    const page = await tab();
    await page.evaluate(async () => {
      await harness.openOutboxOnly('device');
      await harness.report('the first of many');
      await harness.halo().close();
      await harness.fillQueue('device', 20_000);
      await harness.openOutboxOnly('device');
    });
    const counts = () => page.evaluate(() => harness.halo().status().outbox);
    const seqs = (after: number) =>
      page.evaluate(async (from) => {
        const entries = await harness.halo().outbox.list({ limit: 50, after: from });
        return [entries.length, entries[0]?.seq, entries.at(-1)?.seq];
      }, after);
    await eventually(async () => expect(await counts()).toEqual({ pending: 20_000, rejected: 0 }), {
      withinMs: 60_000,
    });
    expect([await seqs(0), await seqs(19_970)]).toEqual([
      [50, 1, 50],
      [30, 19_971, 20_000],
    ]);
    batchesToTake = 1;
    await page.evaluate(`dispatchEvent(new Event('online'))`);
    await eventually(async () => expect(await counts()).toEqual({ pending: 19_900, rejected: 0 }), {
      withinMs: 60_000,
    });
    const settled = [...server.ledger.values()].map(({ seq }) => seq);
    expect(settled).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    expect(await seqs(0)).toEqual([50, 101, 150]);
    expect(await page.evaluate(() => harness.report('one more'))).toMatchObject({ seq: 20_001 });
  }, 300_000);

  it('invariant 1: a queue that the browser has closed is opened again; one that a newer app has taken is refused by a code', async () => {
    // A browser that asks a person whether it may keep what is stored, and gets no answer.
    await context.addInitScript('StorageManager.prototype.persist = () => new Promise(() => {})');
    const page = await tab();
    await context.route(/\/(v1|api)\//, (route) => route.abort());
    await page.evaluate(() => harness.openOutboxOnly('device'));
    await page.evaluate(() => harness.takeStore('device', 'deleteDatabase'));
    const kept = await page.evaluate(() => Promise.all([harness.report('one'), harness.report('two')]));
    expect(kept.map(({ seq }) => seq)).toEqual([1, 2]);
    await page.evaluate(() => harness.takeStore('device', 'open'));
    const refused = () =>
      page.evaluate(() => harness.report('three').catch((error: { code?: string }) => error.code));
    expect([await refused(), await refused()]).toEqual(['store_failed', 'store_failed']);
  });

  it('invariant 1: where WebAssembly is blocked, reporting and delivery work, and the status says so', async () => {
    await context.route(/\.wasm/, (route) => route.abort());
    await context.addInitScript(() => {
      const { prototype } = BroadcastChannel;
      const post = prototype.postMessage;
      globalThis.callsForLeader = 0;
      prototype.postMessage = function (message: { type?: string }) {
        if (message.type === 'tab-here') globalThis.callsForLeader += 1;
        post.call(this, message);
      };
    });
    const page = await tab();
    await page.evaluate(() => harness.open('device'));
    await page.evaluate(() => harness.report('without WebAssembly'));
    await page.evaluate(() => harness.halo().whenSettled());
    expect(server.ledger.size).toBe(1);
    const replica = () => page.evaluate(() => harness.halo().status().replica);
    await eventually(async () => expect((await replica()).error?.code).toBe('replica_unavailable'), {
      withinMs: 60_000,
    });
    // And nothing goes on looking for one that runs it.
    const calls = () => page.evaluate(() => globalThis.callsForLeader);
    const before = await calls();
    await page.waitForTimeout(500);
    expect([before > 0, (await calls()) - before]).toEqual([true, 0]);
  });
});
