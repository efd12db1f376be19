import { describe, expect, it } from 'vitest';
import { withChanges, withDependency } from './resend.ts';

const location = { lat: 59.33, lon: 18.06, accuracyM: 10 };

describe('the arguments of a rejected mutation that is sent again', () => {
  it('are those it had, with the changes laid over them', () => {
    const args = { type: 'theft', severity: 9, location };
    expect(withChanges({ type: 'report.create', args }, { severity: 2 })).toEqual({ ...args, severity: 2 });
    const comment = { incidentId: 'i', body: '' };
    expect(withChanges({ type: 'comment.create', args: comment }, { body: 'x' })).toEqual({
      incidentId: 'i',
      body: 'x',
    });
    expect(withChanges({ type: 'watch.remove', args: { watchId: 'w' } }, {})).toEqual({ watchId: 'w' });
  });

  it('of an amend: the fields of the report, and not the version that its author saw then', () => {
    const args = { reportId: 'r', version: 1, changes: { severity: 4, description: 'x' } };
    const amend = { type: 'report.amend', args };
    expect(withChanges(amend, {})).toEqual({ reportId: 'r', changes: args.changes });
    expect(withChanges(amend, { severity: 5, location })).toEqual({
      reportId: 'r',
      changes: { severity: 5, description: 'x', location },
    });
    expect(withChanges(amend, { version: 3 })).toEqual({ reportId: 'r', version: 3, changes: args.changes });
    expect(withChanges(amend, { reportId: 's', after: 'm' })).toEqual({
      reportId: 's',
      after: 'm',
      changes: args.changes,
    });
  });

  it('of a transition: the decision, and not the state that the officer saw then', () => {
    const args = { incidentId: 'i', from: 'unverified', to: 'verified', note: 'n' };
    const transition = { type: 'incident.transition', args };
    expect(withChanges(transition, {})).toEqual({ incidentId: 'i', to: 'verified', note: 'n' });
    expect(withChanges(transition, { to: 'disputed', from: 'verified' })).toEqual({
      incidentId: 'i',
      from: 'verified',
      to: 'disputed',
      note: 'n',
    });
  });
});

describe('what was rejected because another was', () => {
  const entry = (type: string, args: object, code = 'depends_on_rejected') => {
    const rejection = { code, message: 'Mutation a was rejected.' };
    return { seq: 2, id: 'b', type, createdAt: '2026-01-01T00:00:00.000Z', args, rejection };
  };
  const again = new Map([['a', 'A2']]);

  it('is sent again with the new id of what it builds upon, wherever it names it', () => {
    const amend = entry('report.amend', { reportId: 'a', after: 'a', changes: { severity: 1 } });
    expect(withDependency(amend, again)).toEqual({ reportId: 'A2', after: 'A2', changes: { severity: 1 } });
    expect(withDependency(entry('watch.set', { watchId: 'a', name: 'x' }), again)).toEqual({
      watchId: 'A2',
      name: 'x',
    });
  });

  it('is left alone when it builds upon another, or was rejected for a reason of its own', () => {
    expect(withDependency(entry('report.withdraw', { reportId: 'c' }), again)).toBeUndefined();
    expect(withDependency(entry('report.withdraw', { reportId: 'a' }, 'not_found'), again)).toBeUndefined();
  });
});
