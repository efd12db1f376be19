import { describe, expect, it } from 'vitest';
import { shapesToKeep } from './shapes-to-keep.ts';

describe('shapesToKeep', () => {
  it('lets no more than two wait for news, however many counties are kept', () => {
    for (const role of ['reporter', 'officer', 'operator'] as const) {
      for (const regions of [[], ['01'], ['01', '12', '25']]) {
        const waiting = shapesToKeep(regions, role).filter(({ lookEveryMs }) => lookEveryMs === undefined);
        expect(waiting.map(({ name, params }) => `${name} ${params?.['region']}`)).toEqual(
          regions.length === 0 ? [] : ['incidents 01', 'comments 01'],
        );
      }
    }
  });

  it('asks for what officers decided only as one who may read it', () => {
    const names = (role: 'reporter' | 'officer') => shapesToKeep(['01'], role).map(({ name }) => name);
    expect(names('officer')).toContain('incident_transitions');
    expect(names('reporter')).not.toContain('incident_transitions');
  });
});
