import { describe, expect, it } from 'vitest';
import { withChanges, withDependents } from './resend.ts';

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
  const createdAt = '2026-01-01T00:00:00.000Z';
  let seq = 0;
  const entry = (id: string, type: string, args: object, code?: string) => {
    const rejection = { code: code ?? 'depends_on_rejected', message: 'Mutation a was rejected.' };
    return { seq: (seq += 1), id, type, createdAt, args, ...(code === 'pending' ? {} : { rejection }) };
  };
  const by = { id: 'a2', type: 'report.create', createdAt, args: {} };
  /** The arguments of what takes each one's place, whose id is that of the former with a 2. */
  const again = (...entries: ReturnType<typeof entry>[]) => {
    const ids = entries.map(({ id }) => `${id}2`);
    const make = (type: string, args: object) => ({ id: ids.shift()!, type, createdAt, args });
    const [first, ...others] = withDependents({ id: 'a', by }, entries, make);
    expect(first).toEqual({ id: 'a', by });
    return others.map((other) => [other.id, other.by.id, other.by.args]);
  };

  it('is sent again with the new id of what it builds upon, wherever it names it', () => {
    const amend = entry('b', 'report.amend', { reportId: 'A', after: 'a', changes: { severity: 1 } });
    const watch = entry('c', 'watch.set', { watchId: 'a', name: 'x' });
    expect(again(amend, watch)).toEqual([
      ['b', 'b2', { reportId: 'a2', after: 'a2', changes: { severity: 1 } }],
      ['c', 'c2', { watchId: 'a2', name: 'x' }],
    ]);
  });

  it('is sent again behind one that builds upon it, too', () => {
    const first = entry('b', 'report.amend', { reportId: 'a', after: 'a', changes: {} });
    const second = entry('c', 'report.amend', { reportId: 'a', after: 'b', changes: {} });
    expect(again(first, second).map(([, , args]) => args)).toEqual([
      { reportId: 'a2', after: 'a2', changes: {} },
      { reportId: 'a2', after: 'b2', changes: {} },
    ]);
  });

  it('is left alone when it builds upon another, is pending, or was rejected for a reason of its own', () => {
    expect(again(entry('b', 'report.withdraw', { reportId: 'c' }))).toEqual([]);
    expect(again(entry('b', 'report.withdraw', { reportId: 'a' }, 'pending'))).toEqual([]);
    expect(again(entry('b', 'report.withdraw', { reportId: 'a' }, 'not_found'))).toEqual([]);
  });
});
