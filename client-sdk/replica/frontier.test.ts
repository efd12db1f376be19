import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideFrontier } from './frontier.ts';
import type { FrontierMember } from './frontier.ts';

const member = (
  id: string,
  committed: bigint | undefined,
  waiting?: bigint | 'unknown',
  counted = true,
): FrontierMember => ({
  id,
  counted,
  committed,
  waiting: waiting === undefined ? undefined : { lsn: waiting === 'unknown' ? undefined : waiting },
});

describe('the frontier', () => {
  it('commits a batch that no sibling is behind', () => {
    expect(decideFrontier([member('a', 5n, 9n), member('b', 9n)])).toEqual({ commit: ['a'], laggards: [] });
  });

  it('invariant 7: holds a batch back while a sibling may have the other half, and names the sibling', () => {
    expect(decideFrontier([member('a', 5n, 9n), member('b', 5n)])).toEqual({ commit: [], laggards: ['b'] });
  });

  it('commits together what has come equally far', () => {
    const members = [member('a', 5n, 9n), member('b', 5n, 9n), member('c', 5n, 12n)];
    expect(decideFrontier(members)).toEqual({ commit: ['a', 'b'], laggards: [] });
  });

  it('waits for nobody without contact, nor for one without rows in sight', () => {
    expect(decideFrontier([member('a', 5n, 9n), member('b', 5n, undefined, false)]).commit).toEqual(['a']);
  });

  it('lets a new snapshot come into sight only at a point that its siblings have reached', () => {
    const fresh = member('new', undefined, 9n, false);
    expect(decideFrontier([fresh, member('a', 5n)])).toEqual({ commit: [], laggards: ['a'] });
    expect(decideFrontier([fresh, member('a', 5n, 12n)])).toEqual({ commit: ['new'], laggards: [] });
  });

  it('does not wait where the server tells no LSN', () => {
    expect(decideFrontier([member('a', undefined, 'unknown'), member('b', 3n)]).commit).toEqual(['a']);
  });

  it('never lets everybody wait: a batch is committed, or somebody without one is asked', () => {
    const any = fc.record({
      committed: fc.option(fc.bigInt({ min: 0n, max: 20n }), { nil: undefined }),
      waiting: fc.option(fc.bigInt({ min: 0n, max: 20n }), { nil: undefined }),
      counted: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 6 }), (parts) => {
        const members = parts.map(({ committed, waiting, counted }, index) =>
          member(String(index), committed, waiting, counted),
        );
        const { commit, laggards } = decideFrontier(members);
        if (members.some(({ waiting }) => waiting !== undefined)) {
          expect(commit.length + laggards.length).toBeGreaterThan(0);
        }
        // What stays behind the committed ones is behind nobody's back.
        for (const id of commit) {
          const { waiting } = members.find((candidate) => candidate.id === id)!;
          for (const other of members.filter(
            ({ counted, waiting: batch }) => counted && batch === undefined,
          )) {
            if (other.committed !== undefined) expect(waiting!.lsn! <= other.committed).toBe(true);
          }
        }
      }),
    );
  });
});
