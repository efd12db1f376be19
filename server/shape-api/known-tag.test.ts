import { expect, it } from 'vitest';
import { isKnownTag } from './known-tag.ts';

it.each([
  ['"a:1"', true],
  ['"x", "a:1"', true],
  ['W/"a:1"', false],
  ['a:1', true],
  [undefined, false],
  ['', false],
  ['"a:1:2"', false],
  ['"x", "y"', false],
])('If-None-Match %s names "a:1": %s', (header, known) => {
  expect(isKnownTag(header, '"a:1"')).toBe(known);
});
