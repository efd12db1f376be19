import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { missingFromMiddle } from './window-order.ts';

const missing = (before: string, present: string) => missingFromMiddle([...before], [...present]).join('');

describe('missingFromMiddle', () => {
  it.each([
    ['nothing changed', 'abcdef', 'abcdef', ''],
    ['new ones in front, old ones fallen off', 'abcdef', 'xyabcd', ''],
    ['one withdrawn, an older one back', 'abcdef', 'acdefg', 'b'],
    ['the first withdrawn', 'abcdef', 'bcdefg', 'a'],
    ['withdrawn while others came and fell off', 'abcdef', 'xyacd', 'b'],
    ['nothing in common', 'abcdef', 'uvwxyz', ''],
    ['the last gone, withdrawn or fallen off: no proof', 'abcdef', 'abcde', ''],
    ['the last one moved to the front while others fell off', 'abcdef', 'fxabc', ''],
    ['several moved to the front', 'abcdefgh', 'hxfabc', ''],
    ['one moved, another withdrawn', 'abcdefgh', 'habdef', 'c'],
    ['before the first window', '', 'abc', ''],
  ])('%s', (_, before, present, expected) => {
    expect(missing(before, present)).toBe(expected);
  });

  it('never takes for withdrawn what fell off the end, whatever comes in front', () => {
    const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(ids, fc.nat(60), fc.nat(60), (all, size, shift) => {
        const before = all.slice(shift, shift + size);
        const present = all.slice(0, size);
        expect(missingFromMiddle(before, present)).toEqual([]);
      }),
    );
  });
});
