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
