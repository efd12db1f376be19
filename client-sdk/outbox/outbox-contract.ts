import type { OutboxStore, Replacement, StoredMutation } from './outbox-store.ts';

/** One rule that every outbox store keeps; `reopen` closes the store that is open and opens it again. */
export interface OutboxCase {
  readonly title: string;
  /** Resolves when the store keeps the rule; throws, saying what it found, when it does not. */
  run(store: OutboxStore, reopen: () => Promise<OutboxStore>): Promise<void>;
}

/**
 * The contract of `OutboxStore`, free of any test framework so that it also runs inside a browser. Each case
 * gets an empty store of its own and throws where the store breaks a rule.
 */
export const OUTBOX_CASES: readonly OutboxCase[] = [
  {
    title: 'invariant 1: seq counts from 1 without gaps, also for calls made together',
    async run(store) {
      const stored = await Promise.all(names(50).map((id) => store.append(mutation(id))));
      same(
        stored.map(({ seq }) => seq),
        Array.from({ length: 50 }, (_, index) => index + 1),
      );
      same(
        (await store.pending(1000)).map(({ seq }) => seq),
        stored.map(({ seq }) => seq),
      );
    },
  },
  {
    title: 'invariant 1: counting goes on after everything has been settled and the store reopened',
    async run(store, reopen) {
      for (const id of names(3)) await store.append(mutation(id));
      for (const id of names(3)) await store.settleApplied(id);
      same(await store.counts(), { pending: 0, rejected: 0 });
      const again = await reopen();
      same(await again.pending(10), []);
      same((await again.append(mutation('next'))).seq, 4);
    },
  },
  {
    title: 'what was appended is there after a reopening, in order and unchanged',
    async run(store, reopen) {
      const stored: StoredMutation[] = [];
      for (const id of names(5)) stored.push(await store.append(mutation(id)));
      same(await (await reopen()).pending(10), stored);
    },
  },
  {
    title: 'pending gives at most what was asked, oldest first',
    async run(store) {
      for (const id of names(5)) await store.append(mutation(id));
      same(
        (await store.pending(2)).map(({ id }) => id),
        names(2),
      );
    },
  },
  {
    title: 'invariant 1: pages of any size, read one after the other, give each entry once',
    async run(store) {
      for (const id of names(7)) await store.append(mutation(id));
      for (const id of ['m0', 'm3', 'm6'])
        await store.settleRejected(id, { code: 'invalid_args', message: 'no' });
      for (const size of [1, 2, 3, 7, 8]) {
        same(await idsInPages((after) => store.pending(size, after)), ['m1', 'm2', 'm4', 'm5']);
        same(await idsInPages((after) => store.list(size, after)), names(7));
      }
      same([await store.find('m1').then((found) => found?.seq), await store.find('unknown')], [2, undefined]);
    },
  },
  {
    title: 'a rejected mutation leaves the queue, keeps its reason, and goes only when discarded',
    async run(store, reopen) {
      for (const id of names(3)) await store.append(mutation(id));
      const rejection = { code: 'invalid_args', message: 'no such type', field: 'type' };
      await store.settleRejected('m1', rejection);
      const again = await reopen();
      same(
        (await again.pending(10)).map(({ id }) => id),
        ['m0', 'm2'],
      );
      same(await again.find('m1'), { ...mutation('m1'), seq: 2, rejection });
      same(
        (await again.list(10)).map(({ id, rejection: why }) => [id, why?.code ?? null]),
        [
          ['m0', null],
          ['m1', 'invalid_args'],
          ['m2', null],
        ],
      );
      same(await again.counts(), { pending: 2, rejected: 1 });
      await again.discard('m1');
      same(await (await reopen()).counts(), { pending: 2, rejected: 0 });
    },
  },
  {
    title: 'a rejected mutation is replaced once, however often it is asked for at once',
    async run(store, reopen) {
      for (const id of names(3)) await store.append(mutation(id));
      await store.settleRejected('m1', { code: 'invalid_args', message: 'no such type' });
      const replaced = await Promise.all(
        ['n0', 'n1', 'n2'].map((id) => store.replaceRejected([replacement('m1', id)])),
      );
      const [[stored] = [], ...others] = replaced.filter((one) => one !== undefined);
      same([stored?.seq, others], [4, []]);
      same(await store.replaceRejected([replacement('m1', 'late')]), undefined);
      same(await store.replaceRejected([replacement('m0', 'late')]), undefined);
      const again = await reopen();
      same(
        (await again.pending(10)).map(({ id, seq }) => [id, seq]),
        [
          ['m0', 1],
          ['m2', 3],
          [stored?.id, 4],
        ],
      );
      same(await again.counts(), { pending: 3, rejected: 0 });
      same((await again.append(mutation('next'))).seq, 5);
    },
  },
  {
    title: 'invariant 1: rejected mutations are replaced together and in order, or none of them is',
    async run(store, reopen) {
      for (const id of names(6)) await store.append(mutation(id));
      for (const id of ['m0', 'm2', 'm3', 'm5'])
        await store.settleRejected(id, { code: 'invalid_args', message: 'no' });
      const before = await store.list(10);
      // The last is pending, then unknown, then one that cannot be kept: a function is no JSON, and nothing that IndexedDB clones.
      const unkept = { ...mutation('n'), args: { no: () => {}, size: 1n } };
      same(await store.replaceRejected([replacement('m2', 'n2'), replacement('m1', 'n1')]), undefined);
      same(await store.replaceRejected([replacement('m2', 'n2'), replacement('unknown', 'n')]), undefined);
      const failed = await store.replaceRejected([replacement('m2', 'n2'), { id: 'm0', by: unkept }]).then(
        () => false,
        () => true,
      );
      same([failed, await store.list(10), await (await reopen()).list(10)], [true, before, before]);

      const open = await reopen();
      const [stored, none] = await Promise.all([
        open.replaceRejected([replacement('m3', 'n3'), replacement('m0', 'n0'), replacement('m2', 'n2')]),
        open.replaceRejected([replacement('m5', 'late'), replacement('m0', 'too late')]),
        open.append(mutation('m6')),
      ]);
      same(stored, [
        { ...mutation('n3'), seq: 7 },
        { ...mutation('n0'), seq: 8 },
        { ...mutation('n2'), seq: 9 },
      ]);
      same(none, undefined);
      const again = await reopen();
      same(
        (await again.list(10)).map(({ id, seq }) => [id, seq]),
        [['m1', 2], ['m4', 5], ['m5', 6], ...stored!.map(({ id, seq }) => [id, seq]), ['m6', 10]],
      );
      same(await again.counts(), { pending: 6, rejected: 1 });
    },
  },
  {
    title: 'invariant 1: any history, with reopenings, leaves what a plain list would hold',
    async run(store, reopen) {
      const draw = drawing(20_260_101);
      let open = store;
      let held: StoredMutation[] = [];
      for (let last = 0, step = 0; step < 150; step += 1) {
        const entry = held[draw(held.length)];
        const rejection = { code: 'invalid_args', message: `at step ${step}` };
        switch (draw(9)) {
          case 0:
            open = await reopen();
            break;
          case 1:
          case 2:
            if (entry === undefined) break;
            await open.settleApplied(entry.id);
            held = held.filter((other) => other !== entry);
            break;
          case 3:
            if (entry === undefined) break;
            await open.settleRejected(entry.id, rejection);
            held = held.map((other) => (other === entry ? { ...entry, rejection } : other));
            break;
          case 4: {
            if (entry === undefined) break;
            await open.discard(entry.id);
            if (entry.rejection !== undefined) held = held.filter((other) => other !== entry);
            break;
          }
          case 5: {
            const gone = held.filter(({ rejection: why }) => why !== undefined).slice(draw(2), 3);
            const stored = await open.replaceRejected(gone.map(({ id }) => replacement(id, `${id}+`)));
            held = [...held.filter((other) => !gone.includes(other)), ...(stored ?? [])];
            last += gone.length;
            break;
          }
          default:
            held = [...held, await open.append(mutation(`m${step}`))];
            last += 1;
            same(held.at(-1)?.seq, last);
        }
        const pending = held.filter(({ rejection: why }) => why === undefined);
        same(await open.list(1000), held);
        same(await open.pending(1000), pending);
        same(await open.counts(), { pending: pending.length, rejected: held.length - pending.length });
      }
    },
  },
  {
    title: 'a pending mutation cannot be discarded',
    async run(store) {
      await store.append(mutation('m0'));
      await store.discard('m0');
      same(await store.counts(), { pending: 1, rejected: 0 });
    },
  },
  {
    title: 'settling twice, or something unknown, changes nothing',
    async run(store) {
      for (const id of names(2)) await store.append(mutation(id));
      await store.settleApplied('m0');
      await store.settleApplied('m0');
      await store.settleRejected('m0', { code: 'late', message: 'late' });
      await store.settleApplied('unknown');
      same(await store.counts(), { pending: 1, rejected: 0 });
    },
  },
];

async function idsInPages(read: (after: number) => Promise<StoredMutation[]>): Promise<string[]> {
  const found: StoredMutation[] = [];
  for (;;) {
    const page = await read(found.at(-1)?.seq ?? 0);
    if (page.length === 0) return found.map(({ id }) => id);
    found.push(...page);
  }
}

/** Whole numbers below a bound, the same ones each time: a linear congruential generator (Numerical Recipes, 7.1). */
function drawing(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `m${index}`);
}

function mutation(id: string): Omit<StoredMutation, 'seq'> {
  const args = { text: `Äö \n "${id}"`, nested: { list: [1, null, true] } };
  return { id, type: 'report.create', createdAt: '2026-01-01T00:00:00.000Z', args };
}

function replacement(id: string, by: string): Replacement {
  return { id, by: mutation(by) };
}

function same(actual: unknown, expected: unknown): void {
  const [left, right] = [canonical(actual), canonical(expected)];
  if (left !== right) throw new Error(`expected ${right}, got ${left}`);
}

/** JSON with sorted keys: stores may give members back in another order. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
