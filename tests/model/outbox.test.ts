import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OutboxEntry, Queued } from '@halo/client';
import { sampleReport } from '../integration/client-samples.ts';
import { fillDisk } from '../support/full-disk.ts';
import { OutboxDevice } from './outbox-device.ts';
import { BAD, buildsUpon, OutboxServer } from './outbox-server.ts';
import type { Answer } from './outbox-server.ts';
import regressions from './regressions/outbox.json' with { type: 'json' };

/** What a person, the network and the device do to an outbox. */
type Step =
  /** The last of the reports is then amended, whether the text is bad or not. */
  | {
      readonly do: 'report';
      readonly count: number;
      readonly bad: boolean;
      readonly amends?: readonly boolean[];
    }
  | { readonly do: 'deliver'; readonly answers: readonly Answer[] }
  | { readonly do: 'resend' | 'discard'; readonly pick: number }
  | { readonly do: 'restart' | 'second' }
  /** `reports`, and a resend, are under way when the power goes, `turns` turns of the event loop after they began. */
  | {
      readonly do: 'powerCut';
      readonly reports: number;
      readonly turns: number;
      readonly keep: number;
      readonly resend?: Resend | undefined;
    }
  /** So many bytes fit. */
  | { readonly do: 'fullDisk'; readonly bytes: number }
  | { readonly do: 'logOut'; readonly discard: boolean };

/** Which rejected entry, and whether it is cut after its last write, of which nobody has been told, or anywhere before. */
interface Resend {
  readonly pick: number;
  readonly written: boolean;
}

const share = fc.double({ min: 0, max: 1, noNaN: true });
const answer: fc.Arbitrary<Answer> = fc.oneof(
  fc.record({ kind: fc.constantFrom('ok', 'lost', 'half', 'twice', 'down', 'portal') }),
  fc.record({ kind: fc.constant('partial'), settled: fc.nat(3) }),
  fc.record({ kind: fc.constant('status'), status: fc.constantFrom(401, 413, 429, 503) }),
);
const constantly = <Name extends Step['do']>(name: Name) => fc.constant(name);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: constantly('report'),
      count: fc.integer({ min: 1, max: 5 }),
      bad: fc.boolean(),
      amends: fc.array(fc.boolean(), { maxLength: 3 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: constantly('deliver'),
      answers: fc.array(answer, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('resend', 'discard'), pick: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('restart', 'second') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: constantly('powerCut'),
      reports: fc.nat(3),
      turns: fc.nat(6),
      keep: share,
      resend: fc.option(fc.record({ pick: fc.nat(5), written: fc.boolean() }), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: constantly('fullDisk'), bytes: fc.nat(600) }) },
  { weight: 1, arbitrary: fc.record({ do: constantly('logOut'), discard: fc.boolean() }) },
);

/** The device and its server, beside what a person was told. */
class Twin {
  readonly server = new OutboxServer();
  /** Ids that `report()` or `resend()` has given, with their `seq`; a person may count on these. */
  readonly kept = new Map<string, number>();
  /** Ids that a person has given up: discarded, sent again as another, or left behind at a log-out. */
  readonly givenUp = new Set<string>();
  #device: OutboxDevice;
  #starts = 0;
  #durable = 0;
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
    this.#device = new OutboxDevice(join(root, '0'), this.server);
  }

  async open(): Promise<void> {
    await this.#device.open();
    // What was under way when the power went may have been kept, too.
    for (const { id, seq } of await this.#device.halo.outbox.list()) this.#note({ id, seq });
  }

  async run(action: Step): Promise<void> {
    switch (action.do) {
      case 'report':
        await this.#report(action.count, action.bad, action.amends ?? []);
        break;
      case 'deliver':
        this.server.answers.push(...action.answers);
        for (let tries = 0; this.server.answers.length > 0 && tries < 12; tries += 1)
          await this.#device.look();
        this.server.answers.length = 0;
        break;
      case 'resend':
      case 'discard':
        await this.#dealWithRejected(action.do, action.pick);
        break;
      case 'restart':
        await this.#device.close();
        await this.#openAgain(this.#device.dir);
        break;
      case 'second': {
        const second = new OutboxDevice(this.#device.dir, this.server);
        await expect(second.open()).rejects.toMatchObject({ code: 'store_in_use' });
        break;
      }
      case 'powerCut':
        await this.#powerCut(action.reports, action.turns, action.keep, action.resend);
        break;
      case 'fullDisk':
        await this.#fullDisk(action.bytes);
        break;
      case 'logOut':
        await this.#logOut(action.discard);
        break;
    }
    await this.#device.quiet();
    this.#durable = this.#device.journalBytes();
    await this.check();
  }

  /** Nothing that a person was told to be safe is nowhere; nothing has had two effects, or one before its turn. */
  async check(): Promise<void> {
    const entries = await this.#device.halo.outbox.list();
    const here = new Set(entries.map(({ id }) => id));
    for (const id of this.kept.keys()) {
      if (!this.givenUp.has(id) && !here.has(id)) expect(this.server.has(id)).toBe(true);
    }
    for (const { id, seq, args } of entries) {
      expect(this.kept.get(id)).toBe(seq);
      for (const other of buildsUpon(args)) expect(here.has(other) || this.server.has(other)).toBe(true);
    }
    expect(this.server.early).toEqual([]);
    const pages = [];
    for (let after = 0; ; after = pages.at(-1)!.seq) {
      const page = await this.#device.halo.outbox.list({ limit: 2, after });
      if (page.length === 0) break;
      pages.push(...page);
    }
    expect(pages).toEqual(entries);
    expect(new Set(this.server.effects).size).toBe(this.server.effects.length);
    const order = this.server.effects.map((id) => this.kept.get(id));
    expect(order).toEqual(order.toSorted((a, b) => a! - b!));
  }

  /** The network works again: all that is pending is settled, and what was rejected still says so. */
  async heal(): Promise<void> {
    for (let tries = 0; this.#device.halo.status().outbox.pending > 0 && tries < 30; tries += 1) {
      this.server.answers.push({ kind: 'ok' });
      await this.#device.look();
    }
    await this.check();
    const entries = await this.#device.halo.outbox.list();
    expect(entries.filter(({ state }) => state === 'pending')).toEqual([]);
    for (const id of this.kept.keys()) expect(this.givenUp.has(id) || this.server.has(id)).toBe(true);
  }

  close(): Promise<void> {
    return this.#device.close();
  }

  #note({ id, seq }: { readonly id: string; readonly seq: number }): void {
    this.kept.set(id, seq);
  }

  async #begin(text: string): Promise<string> {
    const told = await this.#device.halo.report(sampleReport(text));
    this.#note(told);
    return told.id;
  }

  async #report(count: number, bad: boolean, amends: readonly boolean[]): Promise<void> {
    const last = Math.max(0, ...this.kept.values());
    const ids = await Promise.all(
      Array.from({ length: count }, (_, n) => this.#begin(`${textOf(bad)} ${n}`)),
    );
    for (const isBad of amends)
      this.#note(await this.#device.halo.amendReport(ids.at(-1)!, { description: textOf(isBad) }));
    const seqs = [...this.kept.values()].filter((seq) => seq > last);
    const many = count + amends.length;
    expect(seqs.toSorted((a, b) => a - b)).toEqual(Array.from({ length: many }, (_, n) => last + 1 + n));
  }

  async #dealWithRejected(what: 'resend' | 'discard', pick: number): Promise<void> {
    const { outbox } = this.#device.halo;
    const [entry, ...dependents] = await this.#rejected(pick);
    if (entry === undefined) return;
    this.givenUp.add(entry.id);
    if (what === 'discard') await outbox.discard(entry.id);
    else {
      const { id, seq } = await this.#resend(entry);
      for (const one of dependents) this.givenUp.add(one.id);
      const again = await outbox.list({ after: seq - 1, limit: 1 + dependents.length });
      for (const one of again) this.#note(one);
      // All of them, in their order and without a gap, and each names what has taken the place of what it named.
      const news = new Map([entry, ...dependents].map((one, n) => [one.id, again[n]?.id]));
      const named = dependents.map(({ args }) => buildsUpon(args).map((other) => news.get(other) ?? other));
      expect(again.map((one) => one.seq)).toEqual(again.map((_, n) => seq + n));
      expect([again[0]?.id, ...again.slice(1).map(({ args }) => buildsUpon(args))]).toEqual([id, ...named]);
    }
    await expect(outbox.discard(entry.id)).rejects.toMatchObject({ code: 'not_rejected' });
  }

  #resend({ id, type }: OutboxEntry): Promise<Queued> {
    // Without a replica nobody can be asked what the author of an amend saw.
    const seen = type === 'report.amend' ? { version: 1 } : {};
    return this.#device.halo.outbox.resend(id, { description: 'mended', ...seen });
  }

  /** One that was rejected, and behind it those that were because it was. */
  async #rejected(pick: number): Promise<OutboxEntry[]> {
    const entries = await this.#device.halo.outbox.list();
    const rejected = entries.filter(({ state }) => state === 'rejected');
    const found = rejected.slice(pick % rejected.length).slice(0, 1);
    for (const entry of rejected) {
      const isDependent = entry.rejection?.code === 'depends_on_rejected';
      if (isDependent && found.some(({ id }) => buildsUpon(entry.args).includes(id))) found.push(entry);
    }
    return found;
  }

  async #powerCut(reports: number, turns: number, keep: number, resend?: Resend): Promise<void> {
    const toldBefore = this.kept.size;
    const rejected = resend === undefined ? [] : await this.#rejected(resend.pick);
    const resent = rejected.slice(0, 1).map((entry) => this.#resend(entry));
    if (resend?.written === true) await Promise.all(resent);
    const underWay = Array.from({ length: reports }, (_, n) => this.#begin(`under way ${n}`));
    for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    const told = new Map(this.kept);
    // What a person has been told of is on the disk; a report that comes later may be, or half of it.
    const durable = told.size > toldBefore ? this.#device.journalBytes() : this.#durable;
    const before = this.#device;
    const after = before.powerCut(join(this.#root, String((this.#starts += 1))), durable, keep);
    await Promise.allSettled([...underWay, ...resent]);
    await before.close();
    // What the dead one was told after the cut, it was told by nobody.
    for (const id of this.kept.keys()) if (!told.has(id)) this.kept.delete(id);
    this.#device = after;
    await this.open();
    this.#durable = after.journalBytes();
    // A resend that was cut off has been done for all that belong together, or for none of them.
    const left = new Set((await after.halo.outbox.list()).map(({ id }) => id));
    const gone = rejected.filter(({ id }) => !left.has(id));
    expect([0, rejected.length]).toContain(gone.length);
    for (const { id } of gone) this.givenUp.add(id);
  }

  async #fullDisk(bytes: number): Promise<void> {
    const journal = this.#device.journal();
    if (journal === undefined) return;
    const disk = await fillDisk(journal, bytes);
    const outcome = await this.#begin('on a full disk').then(
      () => 'kept',
      (error: { readonly code?: string }) => error.code,
    );
    const refused = disk.refused();
    disk.makeRoom();
    // Where the report fitted, something else may not have.
    if (outcome !== 'kept' || bytes < 200) expect([outcome, refused > 0]).toEqual(['store_full', true]);
  }

  async #logOut(discard: boolean): Promise<void> {
    const { halo, dir } = this.#device;
    const left = await halo.outbox.list();
    if (left.length > 0 && !discard) {
      await expect(halo.logout()).rejects.toMatchObject({ code: 'unsent_mutations' });
      return;
    }
    await halo.logout(discard ? { unsent: 'discard' } : {});
    for (const { id } of left) this.givenUp.add(id);
    await this.#openAgain(dir);
    expect(await this.#device.halo.outbox.list()).toEqual([]);
  }

  async #openAgain(dir: string): Promise<void> {
    this.#device = new OutboxDevice(dir, this.server);
    await this.open();
  }
}

const textOf = (bad: boolean) => (bad ? BAD : 'good');

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'halo-outbox-model-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it('invariant 1: nothing kept is lost, doubled or out of turn, whatever is cut, lost, refused or full', async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
      const twin = new Twin(join(root, String((runs += 1))));
      await twin.open();
      try {
        for (const action of steps) await twin.run(action);
        await twin.heal();
      } finally {
        await twin.close();
      }
    }),
    { numRuns: Number(process.env.HALO_MODEL_RUNS ?? 60), examples: regressions as unknown as [Step[]][] },
  );
}, 180_000);
