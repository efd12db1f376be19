import { mkdir, mkdtemp, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OUTBOX_CASES } from '../../outbox/outbox-contract.ts';
import type { OutboxStore, StoredMutation } from '../../outbox/outbox-store.ts';
import { DeliveryDriver } from '../../outbox/delivery-driver.ts';
import { allEntries } from '../../outbox/pages.ts';
import { realEnvironment } from '../../sync/environment.ts';
import { fillDisk } from '../../../tests/support/full-disk.ts';
import { openJournalOutbox } from './journal-outbox.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'halo-outbox-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const mutation = (id: string, text = ''): Omit<StoredMutation, 'seq'> => ({
  id,
  type: 'report.create',
  createdAt: '2026-01-01T00:00:00.000Z',
  args: { text },
});

describe('journal outbox', () => {
  it.each(OUTBOX_CASES.map((rule) => [rule.title, rule] as const))('%s', async (_title, rule) => {
    let store = await openJournalOutbox(dir);
    await rule.run(store, async () => {
      await store.close();
      return (store = await openJournalOutbox(dir));
    });
    await store.close();
  });

  it('invariant 1: cut at any byte, it opens with a prefix of its history that holds all that had resolved', async () => {
    type Step = { kind: 'append' | 'apply' | 'reject' | 'discard' | 'replace'; pick: number };
    const step: fc.Arbitrary<Step> = fc.record({
      kind: fc.constantFrom('append', 'append', 'append', 'apply', 'reject', 'reject', 'discard', 'replace'),
      pick: fc.nat(8),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        await rm(join(dir, 'journal'), { force: true });
        const moments = await play(steps);
        const whole = await readFile(join(dir, 'journal'));
        for (let bytes = 0; bytes <= whole.length; bytes += 1) {
          await writeFile(join(dir, 'journal'), whole.subarray(0, bytes));
          const store = await openJournalOutbox(dir);
          const expected = moments.findLast((moment) => moment.bytes <= bytes)!;
          expect(await contents(store)).toEqual(expected.contents);
          expect((await store.append(mutation('after'))).seq).toBe(expected.lastSeq + 1);
          await store.close();
        }
      }),
      { numRuns: 4, examples: [[replacedTogether as Step[]]] },
    );
  });

  const replacedTogether = ['append', 'append', 'append', 'reject', 'reject', 'replace', 'append'].map(
    (kind, n) => ({ kind, pick: Math.max(0, n - 2) }),
  );

  async function play(steps: readonly { kind: string; pick: number }[]) {
    const store = await openJournalOutbox(dir);
    const moments = [{ bytes: 0, contents: await contents(store), lastSeq: 0 }];
    let lastSeq = 0;
    for (const { kind, pick } of steps) {
      if (kind === 'append')
        lastSeq = (await store.append(mutation(`m${lastSeq + 1}`, 'å'.repeat(pick)))).seq;
      if (kind === 'apply') await store.settleApplied(`m${pick}`);
      if (kind === 'reject') await store.settleRejected(`m${pick}`, { code: 'bad', message: 'bad' });
      if (kind === 'discard') await store.discard(`m${pick}`);
      if (kind === 'replace') {
        const rejected = (await store.list(1000)).filter(({ rejection }) => rejection !== undefined);
        const replacements = rejected.map(({ id, seq }) => ({ id, by: mutation(`m${100 * pick + seq}`) }));
        lastSeq = (await store.replaceRejected(replacements))?.at(-1)?.seq ?? lastSeq;
      }
      const { length } = await readFile(join(dir, 'journal'));
      moments.push({ bytes: length, contents: await contents(store), lastSeq });
    }
    await store.close();
    return moments;
  }

  async function contents(store: OutboxStore) {
    return { pending: await store.pending(1000), all: await store.list(1000) };
  }

  it('calls made together share an fsync: one frame holds them', async () => {
    const store = await openJournalOutbox(dir);
    await Promise.all(Array.from({ length: 20 }, (_, index) => store.append(mutation(`m${index}`))));
    const lines = (await readFile(join(dir, 'journal'), 'utf8')).trimEnd().split('\n');
    expect(lines.length).toBeLessThan(20);
    await store.close();
  });

  it('refuses a journal that is damaged before its tail, and leaves it as it is', async () => {
    const store = await openJournalOutbox(dir);
    for (let index = 0; index < 3; index += 1) await store.append(mutation(`m${index}`));
    await store.close();
    const bytes = await readFile(join(dir, 'journal'));
    bytes[20] = bytes[20]! ^ 1;
    await writeFile(join(dir, 'journal'), bytes);
    await expect(openJournalOutbox(dir)).rejects.toMatchObject({ code: 'store_damaged' });
    expect(await readFile(join(dir, 'journal'))).toEqual(bytes);
  });

  it('invariant 1: compaction keeps what is pending and where counting stands', async () => {
    const store = await openJournalOutbox(dir);
    const text = 'x'.repeat(4000);
    for (let index = 1; index <= 100; index += 1) {
      await store.append(mutation(`m${index}`, text));
      if (index !== 7) await store.settleApplied(`m${index}`);
    }
    const { length } = await readFile(join(dir, 'journal'));
    expect(length).toBeLessThan(300_000);
    await store.close();
    const again = await openJournalOutbox(dir);
    expect((await again.pending(10)).map(({ seq }) => seq)).toEqual([7]);
    expect((await again.append(mutation('next'))).seq).toBe(101);
    await again.close();
  });

  it('invariant 1: goes on with the old file when a compaction fails, and compacts it later', async () => {
    const store = await openJournalOutbox(dir);
    // Nothing can be written beside the journal: the name is that of a folder.
    await mkdir(join(dir, 'journal.new', 'in the way'), { recursive: true });
    const text = 'x'.repeat(4000);
    const journalBytes = async () => (await readFile(join(dir, 'journal'))).length;
    let last = 0;
    const fill = async (count: number) => {
      for (const end = last + count; last < end;) {
        last += 1;
        await store.append(mutation(`m${last}`, text));
        if (last !== 7) await store.settleApplied(`m${last}`);
      }
    };
    await fill(100);
    expect(await journalBytes()).toBeGreaterThan(400_000);
    await rm(join(dir, 'journal.new'), { recursive: true });
    await fill(100);
    expect(await journalBytes()).toBeLessThan(300_000);
    await store.close();
    const again = await openJournalOutbox(dir);
    expect((await again.pending(10)).map(({ seq }) => seq)).toEqual([7]);
    expect((await again.append(mutation('next'))).seq).toBe(201);
    await again.close();
  });

  it('ends when its name has become that of another file', async () => {
    const store = await openJournalOutbox(dir);
    await mkdir(join(dir, 'journal.new', 'in the way'), { recursive: true });
    await rename(join(dir, 'journal'), join(dir, 'moved away'));
    await writeFile(join(dir, 'journal'), '');
    const text = 'x'.repeat(4000);
    const write = async () => {
      for (let index = 1; index <= 100; index += 1) {
        await store.append(mutation(`m${index}`, text));
        await store.settleApplied(`m${index}`);
      }
    };
    await expect(write()).rejects.toMatchObject({ code: 'store_failed' });
    await store.close();
  });

  it('never leaves a step waiting, whenever it comes', async () => {
    const store = await openJournalOutbox(dir);
    for (let turns = 0; turns < 40; turns += 1) {
      const first = store.append(mutation(`a${turns}`)).then(async () => {
        for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
        return store.append(mutation(`b${turns}`));
      });
      await first;
    }
    expect(await store.counts()).toEqual({ pending: 80, rejected: 0 });
    await store.close();
  });

  it('invariant 1: a full disk refuses the report, by a code, and loses no earlier one', async () => {
    const store = await openJournalOutbox(dir);
    await store.append(mutation('before'));
    const disk = await fillDisk(join(dir, 'journal'));
    await expect(store.append(mutation('no room', 'x'.repeat(1000)))).rejects.toMatchObject({
      code: 'store_full',
    });
    await expect(store.settleApplied('before')).rejects.toMatchObject({ code: 'store_full' });
    expect((await store.pending(10)).map(({ id }) => id)).toEqual(['before']);
    disk.makeRoom();
    expect((await store.append(mutation('after'))).seq).toBe(2);
    await store.close();
    const again = await openJournalOutbox(dir);
    expect((await again.pending(10)).map(({ id }) => id)).toEqual(['before', 'after']);
    await again.close();
  });

  it('invariant 1: holds twenty thousand entries, and each is delivered once, in order', async () => {
    const count = 20_000;
    let store = await openJournalOutbox(dir);
    await Promise.all(Array.from({ length: count }, (_, n) => store.append(mutation(`m${n + 1}`))));
    await store.close();
    store = await openJournalOutbox(dir);
    expect(await store.counts()).toEqual({ pending: count, rejected: 0 });
    expect((await allEntries(store)).map(({ seq }) => seq)).toEqual(numbersTo(count));
    const delivered = await deliverAll(store);
    expect(delivered).toEqual(numbersTo(count));
    expect(await store.counts()).toEqual({ pending: 0, rejected: 0 });
    expect((await readFile(join(dir, 'journal'))).length).toBeLessThan(1_000_000);
    expect((await store.append(mutation('next'))).seq).toBe(count + 1);
    await store.close();
  });

  it('does not write everything anew for each entry once it holds much', async () => {
    const store = await openJournalOutbox(dir);
    const text = 'å'.repeat(30_000);
    for (let index = 1; index <= 30; index += 1) await store.append(mutation(`m${index}`, text));
    const { ino } = await stat(join(dir, 'journal'));
    for (let index = 31; index <= 60; index += 1) await store.append(mutation(`m${index}`, text));
    expect((await stat(join(dir, 'journal'))).ino).toBe(ino);
    await store.close();
  });

  it('takes nothing once closed', async () => {
    const store = await openJournalOutbox(dir);
    await store.close();
    await expect(store.append(mutation('late'))).rejects.toMatchObject({ code: 'closed' });
    await truncate(join(dir, 'journal'), 0);
  });
});

const numbersTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** Lets a server take all that is pending; gives the `seq` of what it took, in its order. */
async function deliverAll(outbox: OutboxStore): Promise<number[]> {
  const taken: number[] = [];
  let emptied = () => {};
  const empty = new Promise<void>((resolve) => (emptied = resolve));
  const identity = { deviceId: '00000000-0000-4000-8000-000000000001', seqBase: 0 };
  const driver = new DeliveryDriver({
    outbox,
    environment: realEnvironment,
    identity: { load: async () => identity, save: async () => {} },
    async post({ mutations }) {
      taken.push(...mutations.map(({ seq }) => seq));
      return {
        kind: 'results',
        results: mutations.map(({ id, seq }) => ({ id, seq, status: 'applied', replayed: false, txid: '1' })),
      };
    },
    settle: ({ id }) => outbox.settleApplied(id),
    onState: ({ at }) => at === 'idle' && emptied(),
  });
  const stop = new AbortController();
  const running = driver.run(stop.signal);
  await empty;
  stop.abort();
  await running;
  return taken;
}
