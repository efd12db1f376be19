import { expect, it } from 'vitest';
import { judgePlace } from './last-place.ts';

it.each([
  ['same', 'none was taken', { last: undefined, here: [], isAlone: false }],
  ['same', 'the last lies here', { last: 'b', here: ['a.json', 'b.json'], isAlone: false }],
  ['new', 'it is empty, and its instance the only one', { last: 'b', here: [], isAlone: true }],
  ['differs', 'it is empty, and others run', { last: 'b', here: [], isAlone: false }],
  ['differs', 'older ones lie here', { last: 'b', here: ['a.json'], isAlone: true }],
] as const)('%s: %s', (verdict, _, facts) => expect(judgePlace(facts)).toBe(verdict));
