import { describe, expect, it } from 'vitest';
import { forecastCounties, shapesToKeep } from './shapes-to-keep.ts';

describe('shapesToKeep', () => {
  it('lets no more than two wait for news, however many counties are kept', () => {
    for (const role of ['reporter', 'officer', 'operator'] as const) {
      for (const regions of [[], ['01'], ['01', '12', '25']]) {
        const waiting = shapesToKeep({ regions, watched: ['03', '01'] }, role).filter(
          ({ lookEveryMs }) => lookEveryMs === undefined,
        );
        expect(waiting.map(({ name, params }) => `${name} ${params?.['region']}`)).toEqual(
          regions.length === 0 ? [] : ['incidents 01', 'comments 01'],
        );
      }
    }
  });

  const forecasts = (regions: readonly string[], watched: readonly string[]) =>
    shapesToKeep({ regions, watched }, 'reporter').filter(({ name }) => name === 'predictions');

  it('keeps the forecasts of the county in view and of those of watched places, each once, and of no other', () => {
    const countiesOf = (...of: Parameters<typeof forecasts>) =>
      forecasts(...of).map(({ params }) => params?.['region']);
    expect(countiesOf(['01', '12'], [])).toEqual(['01']);
    expect(countiesOf(['01', '12'], ['03', '01'])).toEqual(['01', '03']);
    expect(countiesOf([], ['03'])).toEqual(['03']);
    expect(forecastCounties({ regions: ['01', '12'], watched: ['03', '01'] })).toEqual(['01', '03']);
  });

  it('asks for the forecasts of a watched place in the same way whatever county is in view, so that they stay', () => {
    const of = (inView: string) =>
      forecasts([inView], ['03']).find(({ params }) => params?.['region'] === '03');
    expect(of('03')).toEqual(of('01'));
    expect(of('01')).toMatchObject({ name: 'predictions', params: { region: '03' } });
  });

  it('asks for what only officers may read only as one of them', () => {
    const names = (role: 'reporter' | 'officer') =>
      shapesToKeep({ regions: ['01'], watched: [] }, role).map(({ name }) => name);
    const secret = ['incident_transitions', 'incident_report_details', 'incident_matches'];
    expect(names('officer')).toEqual(expect.arrayContaining(secret));
    for (const name of secret) expect(names('reporter')).not.toContain(name);
  });
});
