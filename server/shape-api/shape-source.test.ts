import { incidents } from '@halo/shapes/catalog/incidents.ts';
import { myReports } from '@halo/shapes/catalog/my-reports.ts';
import { describe, expect, it } from 'vitest';
import type { Caller } from '../auth/identity.ts';
import { isHaloError } from '../platform/errors.ts';
import { sourceOf } from './shape-source.ts';

const caller: Caller = {
  userId: '00000000-0000-4000-8000-000000000001',
  role: 'reporter',
  sessionId: '00000000-0000-4000-8000-000000000002',
  expiresAt: new Date(0),
};

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return isHaloError(error) ? error.code : 'not a HaloError';
  }
}

describe('what a caller may follow', () => {
  it('invariant 8: takes the user from the token and the condition from the catalogue', () => {
    const source = sourceOf(myReports, {}, 'default', caller);
    expect(source).toMatchObject({ table: 'reports', where: 'reporter_id = $1', params: [caller.userId] });
    expect(codeOf(() => sourceOf(myReports, { userId: 'another' }, 'default', caller))).toBe(
      'unknown_parameter',
    );
    expect(codeOf(() => sourceOf(incidents, { region: '01', where: 'true' }, 'default', caller))).toBe(
      'unknown_parameter',
    );
  });

  it('invariant 8: refuses a role that is not among the readers', () => {
    const forOfficers = { ...incidents, readers: ['officer'] as const };
    expect(codeOf(() => sourceOf(forOfficers, { region: '01' }, 'default', caller))).toBe('forbidden');
    expect(
      codeOf(() => sourceOf(forOfficers, { region: '01' }, 'default', { ...caller, role: 'officer' })),
    ).toBe(undefined);
  });
});
