import { describe, expect, it } from 'vitest';
import type { SettingsStore } from '../platform/device-store.ts';
import { MAX_REMEMBERED_WATCHES, forgetNotices, noticeMemory } from './notice-memory.ts';

function mapSettings(): SettingsStore & { readonly values: Map<string, string> } {
  const values = new Map<string, string>();
  return {
    values,
    get: async (key) => values.get(key),
    set: async (key, value) => void values.set(key, value),
    delete: async (key) => void values.delete(key),
  };
}
const place = (placeId: string) => [{ placeId, isWithin: true, noticedAtMs: 1 }];

describe('noticeMemory', () => {
  it('keeps watches and accounts apart, and forgets one account at log-out', async () => {
    const settings = mapSettings();
    const [ann, bo] = [noticeMemory(settings, 'ann'), noticeMemory(settings, 'bo')];
    await ann.save('watch', place('A'));
    await ann.save('other', place('B'));
    await bo.save('watch', place('C'));
    expect([await ann.load('watch'), await ann.load('other'), await bo.load('watch')]).toEqual(
      ['A', 'B', 'C'].map(place),
    );
    await forgetNotices(settings, 'ann');
    expect([await ann.load('watch'), await ann.load('other'), await bo.load('watch')]).toEqual([
      [],
      [],
      place('C'),
    ]);
  });

  it('is bounded: the watches that were saved longest ago go first', async () => {
    const memory = noticeMemory(mapSettings(), 'ann');
    for (let n = 0; n < MAX_REMEMBERED_WATCHES; n += 1) await memory.save(`w${n}`, place('A'));
    await memory.save('w0', place('B'));
    await memory.save('new', place('A'));
    expect(await memory.load('w0')).toEqual(place('B'));
    expect(await memory.load('w1')).toEqual([]);
    expect(await memory.load('w2')).toEqual(place('A'));
  });

  it('takes a memory that cannot be read for none', async () => {
    const settings = mapSettings();
    settings.values.set('notices.ann', 'no JSON');
    const memory = noticeMemory(settings, 'ann');
    expect(await memory.load('watch')).toEqual([]);
    await memory.save('watch', place('A'));
    expect(await memory.load('watch')).toEqual(place('A'));
  });
});
