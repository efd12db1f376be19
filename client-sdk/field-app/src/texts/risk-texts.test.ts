import { expect, it } from 'vitest';
import { DICTIONARY } from './dictionary.ts';

it('promises of no interval how often it holds, and speaks of averages, in both languages', () => {
  for (const [{ risk }, average] of [
    [DICTIONARY.en, 'average'],
    [DICTIONARY.sv, 'genomsnitt'],
  ] as const) {
    const texts = [risk.between('a', 'b'), risk.incidents('c')];
    for (const text of texts) expect(text).toContain(average);
    // "8 cases of 10", "80 %": measured, they are true of some places only.
    expect(texts.join()).not.toMatch(/\d/);
  }
});
