import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MAX_ARGS_DEPTH, storableJson } from './storable-json.ts';

it('leaves ordinary JSON as it is', () => {
  const value = { a: [1, 'två', null, true, '🚲'], b: { c: -0.5 } };
  expect(storableJson(value)).toEqual({ value, fault: undefined });
});

it.each([
  [{ a: ['x\0y'] }, { a: ['x\ufffdy'] }, 'a.0'],
  [{ a: '\udc00' }, { a: '\ufffd' }, 'a'],
  [{ 'k\0': 1 }, { 'k\ufffd': 1 }, 'k\ufffd'],
  ['\ud83d', '\ufffd', ''],
])('replaces what jsonb cannot hold and names the place', (input, value, path) => {
  expect(storableJson(input)).toMatchObject({ value, fault: { path } });
});

it('cuts what is nested too deeply', () => {
  const nest = (levels: number): unknown => (levels === 0 ? 'core' : [nest(levels - 1)]);
  expect(storableJson(nest(MAX_ARGS_DEPTH)).fault).toBeUndefined();
  expect(storableJson(nest(MAX_ARGS_DEPTH + 1)).fault?.reason).toMatch(/deeper/);
});

it('makes the same of a value wherever it stands, and names a fault just where it changes something', () => {
  const unit = fc.constantFrom('a', '0', '\0', '\ud83d', '\udeb2', '🚲', '\ufffd', '__proto__');
  const text = fc.string({ unit, maxLength: 4 });
  const { value: anyJson } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { withCrossShrink: true },
      fc.oneof(text, fc.double(), fc.boolean(), fc.constant(null)),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(text, tie('value'), { maxKeys: 3 }),
    ),
  }));
  let faults = 0;
  fc.assert(
    fc.property(anyJson, (value) => {
      const alone = storableJson(value);
      const besideFault = storableJson([value, '\0']);
      expect(besideFault.value).toEqual([alone.value, '\ufffd']);
      // A text has no path of its own; that of what stands under an empty key begins with nothing.
      const within = typeof value === 'string' ? '0' : `0.${alone.fault?.path ?? ''}`;
      expect(besideFault.fault?.path).toBe(alone.fault === undefined ? '1' : within);
      expect(alone.fault === undefined).toBe(isDeepStrictEqual(alone.value, value));
      if (alone.fault !== undefined) faults += 1;
    }),
    { examples: [[{ '': '\0' }]] },
  );
  expect(faults).toBeGreaterThan(10);
});
