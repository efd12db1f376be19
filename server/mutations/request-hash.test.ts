import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson, requestHash } from './request-hash.ts';

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

it('stays what ledgers hold already: SHA-256 of the canonical text, in UTF-8', () => {
  const mutation = {
    seq: 7,
    id: '019ab000-0000-7000-8000-000000000001',
    type: 'report.create',
    createdAt: '2026-11-25T12:00:00+01:00',
    args: undefined,
  };
  const location = { lon: -0.5, lat: 59.3326, accuracyM: 20 };
  const args = { ö: [1e21, true], none: null, location, description: 'två\n"', b: {}, a: [] };
  // Of sha256sum, over the text written by hand.
  expect(requestHash(mutation, args).toString('hex')).toBe(
    'c8c6f1c06cf2483bfffbfae35416f734eefb90d5fa82a70d0a6c9fe1f912e4f8',
  );
});
