import { describe, expect, it } from 'vitest';
import { parseNumeric } from '../where/decimal.ts';
import { TagHashes, tagsOf } from './tags.ts';
import { rowKey, valueKey } from './value-key.ts';
import { ValueSet } from './value-set.ts';

const value = (key: string | null) => ({ key, texts: [key] });

describe('the values of a subquery', () => {
  it('are in it from the first row that gives them to the last, and both sides of a transaction are known', () => {
    const set = new ValueSet();
    set.add(value('1'), 2);
    set.settle();
    set.remove(value('1'));
    expect(set.moves()).toBeNull();
    set.settle();
    set.remove(value('1'));
    set.add(value('2'));
    expect([set.isIn('1', 'before'), set.isIn('1', 'after')]).toEqual([true, false]);
    expect([set.isIn('2', 'before'), set.isIn('2', 'after')]).toEqual([false, true]);
    expect(set.moves()).toMatchObject({ turned: false });
    expect([[...set.moves()!.left.keys()], [...set.moves()!.entered.keys()]]).toEqual([['1'], ['2']]);
    set.settle();
    expect([set.moves(), set.isIn('1', 'before'), set.size]).toEqual([null, false, 1]);
  });

  it('have not moved where a transaction takes back what it did', () => {
    const set = new ValueSet();
    set.add(value('1'));
    set.settle();
    set.remove(value('1'));
    set.add(value('1'));
    set.add(value('2'));
    set.remove(value('2'));
    expect(set.moves()).toBeNull();
  });

  it('give NOT IN of three values: nothing is outside a set with a NULL, and everything outside an empty one', () => {
    const set = new ValueSet();
    expect([set.isNotIn(null, 'after'), set.isIn(null, 'after')]).toEqual([true, false]);
    set.add(value('1'));
    expect(set.moves()!.turned).toBe(true);
    expect(['1', '2', null].map((key) => set.isNotIn(key, 'after'))).toEqual([false, true, false]);
    expect(set.isNotIn(null, 'before')).toBe(true);
    set.settle();
    set.add(value(null));
    expect(set.moves()!.turned).toBe(true);
    expect(['1', '2', null].map((key) => set.isNotIn(key, 'after'))).toEqual([false, false, false]);
    expect(set.isNotIn('2', 'before')).toBe(true);
    set.settle();
    set.add(value(null));
    expect(set.moves()).toBeNull();
  });

  it('cannot lose what they never had', () => {
    expect(() => new ValueSet().remove(value('1'))).toThrow(RangeError);
    expect(() => new ValueSet().remove(value(null))).toThrow(RangeError);
  });

  it('are the same where Postgres calls them equal', () => {
    const numeric = (text: string) => valueKey(parseNumeric(text)!);
    expect(numeric('1.00')).toBe(numeric('1'));
    expect(numeric('100')).not.toBe(numeric('1'));
    expect(numeric('0.10')).toBe(numeric('0.1'));
    expect(numeric('-0.0')).toBe(valueKey(0));
    expect(valueKey(-0)).toBe(valueKey(0));
    expect(valueKey(7n)).toBe(valueKey(7));
    expect(valueKey(NaN)).toBe(numeric('NaN'));
    expect(rowKey(['a', null])).toBeNull();
    expect(rowKey(['a', 'b,c'])).not.toBe(rowKey(['a,b', 'c']));
    expect(rowKey(['x'])).toBe('x');
  });

  it('are told by hashes of their own shape, in the place of their condition', () => {
    const hashes = new TagHashes('one');
    const [a, none] = [hashes.of('a'), hashes.of(null)];
    expect(a).toMatch(/^[0-9a-f]{32}$/);
    expect([hashes.of('a'), hashes.of('null'), new TagHashes('two').of('a')]).toEqual([
      a,
      expect.not.stringMatching(none),
      expect.not.stringMatching(a),
    ]);
    expect(tagsOf([[0]], ['a'], hashes)).toEqual([a]);
    expect(tagsOf([[0, 1]], ['a', undefined], hashes)).toEqual([`${a}/1`]);
    expect(tagsOf([[0], [1]], [null, undefined], hashes)).toEqual([`${none}/`, '/1']);
  });
});
