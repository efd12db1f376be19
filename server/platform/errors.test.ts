import { expect, it } from 'vitest';
import { sentenceOf } from './errors.ts';

it('the text of what was thrown ends as a sentence does, with one full stop', () => {
  expect(sentenceOf(new Error(`Unknown option '--bla'`))).toBe(`Unknown option '--bla'.`);
  expect(sentenceOf(new Error('Postgres did not answer in time.'))).toBe('Postgres did not answer in time.');
  expect(sentenceOf('Really?\n')).toBe('Really?');
  expect(sentenceOf(new AggregateError([new Error('Refused'), new Error('Lost')]))).toBe('Refused.');
});
