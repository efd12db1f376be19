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

  it('keeps the forecasts of the county in view, and of no other', () => {
    const forecasts = shapesToKeep(['01', '12'], 'reporter').filter(({ name }) => name === 'predictions');
    expect(forecasts.map(({ params }) => params)).toEqual([{ region: '01' }]);
  });

  it('asks for what only officers may read only as one of them', () => {
    const names = (role: 'reporter' | 'officer') => shapesToKeep(['01'], role).map(({ name }) => name);
    const secret = ['incident_transitions', 'incident_report_details', 'incident_matches'];
    expect(names('officer')).toEqual(expect.arrayContaining(secret));
    for (const name of secret) expect(names('reporter')).not.toContain(name);
  });
});
