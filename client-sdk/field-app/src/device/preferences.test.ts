import { describe, expect, it } from 'vitest';
import { preferencesIn } from './preferences.ts';

function setUp(kept = new Map<string, string>()) {
  return preferencesIn({
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  });
}

describe('half-made forms', () => {
  it('are kept each under its name until they are sent or the account leaves', () => {
    const preferences = setUp();
    preferences.setDraft('report', 'a fire');
    preferences.setDraft('comment 1', 'on our way');
    preferences.setDraft('report', 'a large fire');
    expect([preferences.draft('report'), preferences.draft('comment 1')]).toEqual([
      'a large fire',
      'on our way',
    ]);
    preferences.setDraft('report', undefined);
    expect([preferences.draft('report'), preferences.draft('comment 1')]).toEqual([undefined, 'on our way']);
    preferences.hide('a');
    preferences.clear();
    expect([preferences.draft('comment 1'), preferences.hidden()]).toEqual([undefined, []]);
  });

  it('are bounded: the one that was touched longest ago goes first', () => {
    const preferences = setUp();
    for (let n = 0; n < 30; n += 1) preferences.setDraft(`form ${n}`, 'x');
    preferences.setDraft('form 0', 'y');
    preferences.setDraft('one more', 'z');
    expect(preferences.draft('form 1')).toBeUndefined();
    expect([preferences.draft('form 0'), preferences.draft('one more')]).toEqual(['y', 'z']);
  });

  it('are none where something else has been stored in their place', () => {
    for (const text of ['{', '7', '[["a"]]', '{"a":1}']) {
      const preferences = setUp(
        new Map([
          ['halo.drafts', text],
          ['halo.hidden', text],
        ]),
      );
      expect([preferences.draft('a'), preferences.hidden()]).toEqual([undefined, []]);
      preferences.setDraft('a', 'b');
      expect(preferences.draft('a')).toBe('b');
    }
  });
});

it('keeps what the server said of its models until the account leaves', () => {
  const preferences = setUp();
  preferences.setChampions('{}');
  expect(preferences.champions()).toBe('{}');
  preferences.clear();
  expect(preferences.champions()).toBeUndefined();
});
