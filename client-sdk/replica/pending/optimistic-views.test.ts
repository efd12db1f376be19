import { describe, expect, it } from 'vitest';
import type { StoredMutation } from '../../outbox/outbox-store.ts';
import type { OptimisticView, RowPatch } from './optimistic-view.ts';
import { OPTIMISTIC_VIEWS, pendingOf } from './optimistic-views.ts';

const REPORT = '00000000-0000-7000-8000-000000000001';
const OTHER = '00000000-0000-7000-8000-000000000009';
const MADE_AT = '2026-01-01T12:00:00.000Z';
const location = { lat: 59.33, lon: 18.06, accuracyM: 10 };
const report = { type: 'theft', severity: 3, occurredAt: MADE_AT, description: ' a bicycle ', location };
const said = {
  type: 'theft',
  severity: 3,
  occurred_at: MADE_AT,
  description: 'a bicycle',
  lat: 59.33,
  lon: 18.06,
  accuracy_m: 10,
};
const watch = { name: 'Home', lat: 59.33, lon: 18.06, radiusM: 500, threshold: 0.5 };
const watched = { name: 'Home', lat: 59.33, lon: 18.06, radius_m: 500, threshold: 0.5 };

type Written = readonly [type: string, args: unknown];

/** What mutations about one row come to, written one after the other. The first one's id is REPORT. */
function folded(shape: string, ...written: Written[]): RowPatch {
  const view = OPTIMISTIC_VIEWS.get(shape) as OptimisticView;
  const pending = written.map(([type, args], index) => {
    const id = `${REPORT.slice(0, -1)}${index + 1}`;
    const one = pendingOf({ seq: index + 1, id, type, createdAt: timeOf(index), args });
    expect(one?.subject).toMatchObject({ shape });
    return one!;
  });
  expect(new Set(pending.map(({ subject }) => subject.id)).size).toBe(1);
  return view.fold(pending.map(({ mutation }) => mutation));
}

const timeOf = (index: number) => `2026-01-01T12:0${index}:00.000Z`;

describe('what is pending about a report', () => {
  const create: Written = ['report.create', report];
  const amend = (changes: object): Written => [
    'report.amend',
    { reportId: REPORT.toUpperCase(), version: 1, changes },
  ];
  const withdraw: Written = ['report.withdraw', { reportId: REPORT }];

  it('one that is made is there as its author wrote it', () => {
    const values = { ...said, status: 'active', updated_at: timeOf(0) };
    expect(folded('my_reports', create)).toEqual({ kind: 'make', values });
  });

  it('each amend sets what it names, and nothing else, over the ones before', () => {
    const moved = { lat: 57.7, lon: 11.97, accuracyM: 5 };
    const amends = [
      amend({ severity: 5, description: 'two' }),
      amend({ location: moved, description: 'three' }),
    ];
    const place = { lat: 57.7, lon: 11.97, accuracy_m: 5 };
    expect(folded('my_reports', ...amends)).toEqual({
      kind: 'change',
      values: { severity: 5, description: 'three', ...place, updated_at: timeOf(1) },
    });
    expect(folded('my_reports', create, ...amends)).toEqual({
      kind: 'make',
      values: {
        ...said,
        severity: 5,
        description: 'three',
        ...place,
        status: 'active',
        updated_at: timeOf(2),
      },
    });
  });

  it('one that is withdrawn stays, and says so', () => {
    expect(folded('my_reports', withdraw)).toEqual({
      kind: 'change',
      values: { status: 'withdrawn', updated_at: timeOf(0) },
    });
    expect(folded('my_reports', create, amend({ severity: 1 }), withdraw)).toMatchObject({
      kind: 'make',
      values: { severity: 1, status: 'withdrawn' },
    });
  });
});

describe('what is pending about a comment', () => {
  it('one that is made is there, about an incident or the one of a report', () => {
    const about = { incident_id: OTHER, report_id: undefined };
    expect(folded('comments', ['comment.create', { incidentId: OTHER, body: ' seen ' }])).toEqual({
      kind: 'make',
      values: { ...about, body: 'seen', created_at: timeOf(0) },
    });
    expect(folded('comments', ['comment.create', { reportId: OTHER, body: 'seen' }])).toMatchObject({
      values: { incident_id: undefined, report_id: OTHER },
    });
  });

  it('one that is deleted is out of sight, whether it is synced or not', () => {
    const gone = { kind: 'hide', values: {} };
    expect(folded('comments', ['comment.delete', { commentId: OTHER }])).toEqual(gone);
    const made: Written = ['comment.create', { incidentId: OTHER, body: 'x' }];
    expect(folded('comments', made, ['comment.delete', { commentId: REPORT }])).toEqual(gone);
  });
});

describe('what is pending about a watched place', () => {
  it('one that is made is there, and one that is set anew has all of it anew', () => {
    const times = { created_at: timeOf(0), updated_at: timeOf(0) };
    expect(folded('my_watches', ['watch.set', watch])).toEqual({
      kind: 'make',
      values: { ...watched, ...times },
    });
    const anew: Written = ['watch.set', { ...watch, watchId: REPORT, name: 'Work' }];
    expect(folded('my_watches', anew)).toEqual({
      kind: 'change',
      values: { ...watched, name: 'Work', updated_at: timeOf(0) },
    });
    expect(folded('my_watches', ['watch.set', watch], anew)).toEqual({
      kind: 'make',
      values: { ...watched, name: 'Work', created_at: timeOf(0), updated_at: timeOf(1) },
    });
  });

  it('one that is removed is out of sight, also when it is set anew after that', () => {
    const remove: Written = ['watch.remove', { watchId: REPORT }];
    const anew: Written = ['watch.set', { ...watch, watchId: REPORT }];
    const gone = { kind: 'hide', values: {} };
    expect(folded('my_watches', remove)).toEqual(gone);
    expect(folded('my_watches', ['watch.set', watch], remove, anew)).toEqual(gone);
  });
});

describe('what an officer has decided', () => {
  const decide = (from: string, to: string): Written => [
    'incident.transition',
    { incidentId: OTHER, from, to },
  ];

  it('a verdict and an end are told apart; the last of each holds', () => {
    const verify = decide('unverified', 'verified');
    const dispute = decide('verified', 'disputed');
    const close = decide('open', 'closed');
    expect(folded('incidents', verify, close, dispute)).toEqual({
      kind: 'change',
      values: { status: 'closed', verification: 'disputed' },
    });
    expect(folded('incidents', close, decide('closed', 'open')).values).toEqual({ status: 'open' });
  });

  it('one that is dismissed is closed, and whether it opens again is not guessed', () => {
    const dismiss = decide('unverified', 'dismissed');
    expect(folded('incidents', dismiss).values).toEqual({ status: 'closed', verification: 'dismissed' });
    expect(folded('incidents', dismiss, decide('dismissed', 'disputed')).values).toEqual({
      verification: 'disputed',
    });
  });
});

it('what this version does not know is shown nowhere', () => {
  const stored = (type: string, args: unknown): StoredMutation => {
    return { seq: 1, id: REPORT, type, createdAt: MADE_AT, args };
  };
  expect(pendingOf(stored('report.praise', { reportId: REPORT }))).toBeUndefined();
  expect(pendingOf(stored('report.create', { ...report, colour: 'blue' }))).toBeUndefined();
});
