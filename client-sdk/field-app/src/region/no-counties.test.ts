import { describe, expect, it } from 'vitest';
import { DICTIONARY } from '../texts/dictionary.ts';
import { whyNoCounties } from './no-counties.ts';

describe.each(['en', 'sv'] as const)('whyNoCounties in %s', (language) => {
  const t = DICTIONARY[language];

  it('says at once, with or without a network, that none can be kept, and that one can report', () => {
    for (const network of ['online', 'connecting', 'offline'] as const) {
      const text = whyNoCounties({ network, replica: { state: 'unavailable' } }, t);
      expect(text).toBe(t.regionNoReplica);
      expect(text).toMatch(/report works|du kan rapportera/i);
      expect(text).not.toContain('…');
    }
  });

  it('says what it waits for, where waiting helps', () => {
    const say = (network: 'online' | 'offline', state: 'opening' | 'ready') =>
      whyNoCounties({ network, replica: { state } }, t);
    expect(say('online', 'opening')).toBe(t.regionOpening);
    expect(say('online', 'ready')).toBe(t.regionFetching);
    expect(say('offline', 'ready')).toBe(t.regionOffline);
  });
});
