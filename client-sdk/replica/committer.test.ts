import { describe, expect, it } from 'vitest';
import { Committer } from './committer.ts';
import type { Submission } from './committer.ts';

/** A committer whose transactions end when they are told to, and whose time passes when it is told to. */
function committer() {
  const open: (() => void)[] = [];
  const timers = new Map<number, (() => void)[]>();
  const nudged: string[] = [];
  const made = new Committer({
    database: {
      query: () => Promise.resolve({ rows: [] }),
      exec: () => Promise.resolve(),
      async transaction(work) {
        await new Promise<void>((resolve) => open.push(resolve));
        return work({ query: () => Promise.resolve({ rows: [] }), exec: () => Promise.resolve() });
      },
      close: () => Promise.resolve(),
    },
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        timers.set(ms, [...(timers.get(ms) ?? []), resolve]);
        signal?.addEventListener('abort', () => resolve());
      }),
    nudge: (ids) => nudged.push(...ids),
    onCommit: () => {},
    afterRows: () => Promise.resolve([]),
  });
  /** Ends the transaction that is open, and lets all hear of it. */
  const commit = async () => {
    open.shift()?.();
    await quiet();
  };
  /** Lets the timers of this length run out. */
  const pass = async (ms: number) => {
    for (const ring of timers.get(ms)?.splice(0) ?? []) ring();
    await quiet();
  };
  return { made, commit, pass, nudged, open };
}

const quiet = () => new Promise((resolve) => setTimeout(resolve, 0));

function whole(lsn: bigint): Submission {
  return { lsn, table: 't', cuts: () => [], work: () => Promise.resolve(), cut: () => {} };
}

describe('the committer', () => {
  it('invariant 7: what is being committed counts as in sight for a snapshot that would come after it', async () => {
    const { made, commit } = committer();
    made.join('a', false, undefined);
    made.join('b', false, undefined);
    const first = made.submit('a', whole(110n));
    // A transaction of 108 may be in the rows of `a` and not in those of `b`, which were read up to 105.
    expect(made.isBehind('b', 105n)).toBe(true);
    expect(made.isBehind('b', 110n)).toBe(false);
    await commit();
    await first;
    expect(made.isBehind('b', 105n)).toBe(true);
  });

  it('asks a sibling to look that has come back, and is still behind', async () => {
    const { made, commit, pass, nudged } = committer();
    made.join('a', true, 100n);
    made.join('b', true, 100n);
    made.away('b');
    const waits = made.submit('a', whole(120n));
    await pass(50);
    expect(nudged).toEqual([]);
    const back = made.submit('b', whole(110n));
    await commit();
    await back;
    made.count('b', true);
    await pass(50);
    expect(nudged).toEqual(['b']);
    const there = made.submit('b', whole(120n));
    await commit();
    await Promise.all([waits, there]);
  });

  it('waits for no sibling whose server says no more how far it is', async () => {
    const { made, commit } = committer();
    made.join('a', true, 100n);
    made.join('b', true, 100n);
    const unknown = made.submit('b', { ...whole(0n), lsn: undefined });
    await commit();
    await unknown;
    const done = made.submit('a', whole(120n));
    const isCommitted = done.then(() => true);
    await commit();
    expect(await Promise.race([isCommitted, quiet()])).toBe(true);
  });

  it('invariant 7: lets nothing begin late, in a replica that was opened again meanwhile', async () => {
    const { made, commit, open } = committer();
    made.join('a', false, undefined);
    let begun = 0;
    const work = async () => void (begun += 1);
    const outcomes = Promise.allSettled([made.submit('a', { ...whole(110n), work }), made.alone(work)]);
    await quiet();
    expect(open).toHaveLength(2);
    made.close();
    await commit();
    await commit();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(begun).toBe(0);
  });
});
