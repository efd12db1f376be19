import { expect, it } from 'vitest';
import { piecesOf, textSimilarity } from './text-similarity.ts';

const similarity = (a: string, b: string) => textSimilarity(piecesOf(a), piecesOf(b));

it.each([
  ['En röd cykel stals utanför affären', 'Röda cykeln stulen vid affären'],
  ['Fire in a container behind the school', 'a burning container, behind school'],
  ['LÄGENHETSBRAND på Storgatan 5', 'brand i lägenhet, storgatan'],
])('knows other words for the same: %s / %s', (a, b) => {
  expect(similarity(a, b)).toBeGreaterThan(0.3);
  expect(similarity(a, b)).toBe(similarity(b, a));
});

it.each([
  ['En röd cykel stals utanför affären', 'Någon har slagit sönder en busskur'],
  ['Fire in a container behind the school', 'Two men were fighting at the bus stop'],
])('tells other things apart: %s / %s', (a, b) => {
  expect(similarity(a, b)).toBeLessThan(0.2);
});

it('says nothing of what says nothing', () => {
  expect(similarity('', 'En röd cykel stals utanför affären')).toBeUndefined();
  expect(similarity('det är en som inte har det', 'och vi var där')).toBeUndefined();
});
