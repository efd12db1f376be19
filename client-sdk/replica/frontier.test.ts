import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideFrontier } from './frontier.ts';
import type { FrontierMember } from './frontier.ts';

const member = (
  id: string,
  committed: bigint | undefined,
  waiting?: bigint | 'unknown',
  { counted = true, away = false, cuts = [] as bigint[] } = {},
): FrontierMember => ({
  id,
  counted,
  away,
  committed,
  waiting: waiting === undefined ? undefined : { lsn: waiting === 'unknown' ? undefined : waiting, cuts },
});
const whole = (...ids: string[]) => ids.map((id) => ({ id, upTo: undefined }));

describe('the frontier', () => {
  it('commits a batch that no sibling is behind', () => {
    expect(decideFrontier([member('a', 5n, 9n), member('b', 9n)])).toEqual({
      commit: whole('a'),
      laggards: [],
    });
  });

  it('invariant 7: holds a batch back while a sibling may have the other half, and names the sibling', () => {
    expect(decideFrontier([member('a', 5n, 9n), member('b', 5n)])).toEqual({ commit: [], laggards: ['b'] });
  });

  it('commits together what has come equally far', () => {
    const members = [member('a', 5n, 9n), member('b', 5n, 9n), member('c', 5n, 12n)];
    expect(decideFrontier(members)).toEqual({ commit: whole('a', 'b'), laggards: [] });
  });

  it('invariant 7: cuts a batch that reaches further than a sibling, whose half lies in its beginning', () => {
    const further = member('b', 5n, 12n, { cuts: [7n, 9n, 12n] });
    expect(decideFrontier([member('a', 5n, 9n), further]).commit).toEqual([
      { id: 'a', upTo: undefined },
      { id: 'b', upTo: 9n },
    ]);
    expect(decideFrontier([member('a', 8n), further])).toEqual({
      commit: [{ id: 'b', upTo: 8n }],
      laggards: ['a'],
    });
    expect(decideFrontier([member('a', 6n), further])).toEqual({ commit: [], laggards: ['a'] });
  });

  it('waits for nobody that is not counted, and asks nobody that is away', () => {
    const refused = member('b', 5n, undefined, { counted: false });
    expect(decideFrontier([member('a', 5n, 9n), refused]).commit).toEqual(whole('a'));
    const away = member('b', 5n, undefined, { away: true });
    expect(decideFrontier([member('a', 5n, 9n), away])).toEqual({ commit: [], laggards: [] });
  });

  it('lets a new snapshot come into sight only at a point that its siblings have reached', () => {
    const fresh = member('new', undefined, 9n, { counted: false });
    expect(decideFrontier([fresh, member('a', 5n)])).toEqual({ commit: [], laggards: ['a'] });
    const further = member('a', 5n, 12n, { cuts: [8n, 12n] });
    expect(decideFrontier([fresh, further]).commit).toEqual([...whole('new'), { id: 'a', upTo: 9n }]);
  });

  it('does not wait where the server tells no LSN', () => {
    expect(decideFrontier([member('a', undefined, 'unknown'), member('b', 3n)]).commit).toEqual(whole('a'));
  });

  it('invariant 7: of what is committed every other member has its part in sight or in the same commit', () => {
    const lsns = fc.uniqueArray(fc.bigInt({ min: 1n, max: 20n }), { minLength: 1, maxLength: 5 });
    const any = fc.record({
      committed: fc.bigInt({ min: 0n, max: 20n }),
      /** The transactions of the batch that waits, as far behind what is committed. */
      batch: fc.option(lsns, { nil: undefined }),
      canBeCut: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(any, { minLength: 1, maxLength: 6 }), (parts) => {
        const members = parts.map(({ committed, batch, canBeCut }, index) => {
          const all = batch?.map((lsn) => committed + lsn).toSorted((a, b) => (a < b ? -1 : 1));
          // What cannot be cut is one transaction, or a snapshot, which is none.
          const ends = canBeCut ? all : all?.slice(-1);
          return {
            ...member(String(index), committed, ends?.at(-1), { cuts: canBeCut ? (ends ?? []) : [] }),
            ends,
          };
        });
        const { commit, laggards } = decideFrontier(members);
        if (members.some(({ waiting }) => waiting !== undefined)) {
          expect(commit.length + laggards.length).toBeGreaterThan(0);
        }
        const upToOf = (id: string) => {
          const part = commit.find((each) => each.id === id);
          const { committed, waiting } = members.find((each) => each.id === id)!;
          return part === undefined ? committed! : (part.upTo ?? waiting!.lsn!);
        };
        const furthest = commit.map(({ id }) => upToOf(id)).reduce((a, b) => (a > b ? a : b), -1n);
        for (const { id, ends } of members) {
          // Nothing of its batch that lies up to there is left behind.
          const left = (ends ?? []).filter((lsn) => lsn <= furthest && lsn > upToOf(id));
          expect({ id, left }).toEqual({ id, left: [] });
          // And who has no batch has seen that far.
          if (ends === undefined && commit.length > 0) expect(upToOf(id) >= furthest).toBe(true);
        }
      }),
    );
  });
});
