import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson } from './request-hash.ts';

it('writes the same value in the same way, whatever order its keys were in', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).toReversed());
      expect(canonicalJson(reversed)).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

it('tells values apart that differ', () => {
  const forms = [{ a: 1, b: 2 }, { a: 1 }, { a: '1' }, [1], ['a', 1], null, 'null', {}, []].map(
    canonicalJson,
  );
  expect(new Set(forms).size).toBe(forms.length);
});
