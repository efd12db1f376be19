import { describe, expect, it } from 'vitest';
import type { OutboxEntry } from '@halo/client';
import { decisionsFor, rejectedAbout } from './decisions.ts';

const incident = {
  ...{ status: 'open', verification: 'unverified', report_count: 1 },
  merged_into: null as string | null,
};

describe('decisionsFor', () => {
  it('offers an officer what is legal from where the incident stands', () => {
    const now = (changes: Partial<typeof incident>) =>
      decisionsFor('officer', { ...incident, ...changes }).toSorted();
    expect(now({})).toEqual(['closed', 'dismissed', 'disputed', 'verified']);
    expect(now({ status: 'closed', verification: 'verified' })).toEqual(['disputed', 'open']);
    // Closed by that: only another verdict opens it.
    expect(now({ status: 'closed', verification: 'dismissed' })).toEqual(['disputed']);
    expect(now({ verification: 'of another version' })).toEqual(['closed']);
  });

  it('offers nothing to a reporter, nor about what was merged or has no reports', () => {
    expect(decisionsFor('reporter', incident)).toEqual([]);
    expect(decisionsFor('officer', { ...incident, merged_into: 'other' })).toEqual([]);
    expect(decisionsFor('operator', { ...incident, report_count: 0 })).toEqual([]);
  });
});

describe('rejectedAbout', () => {
  it('finds what was rejected about one incident, of the types asked for', () => {
    const entry = (id: string, type: string, state: OutboxEntry['state'], args: unknown): OutboxEntry => {
      return { seq: 1, id, type, createdAt: '', args, state };
    };
    const entries = [
      entry('a', 'incident.transition', 'rejected', { incidentId: 'i' }),
      entry('b', 'incident.transition', 'pending', { incidentId: 'i' }),
      entry('c', 'incident.transition', 'rejected', { incidentId: 'j' }),
      entry('d', 'comment.create', 'rejected', { incidentId: 'i' }),
      entry('e', 'report.create', 'rejected', undefined),
    ];
    expect(rejectedAbout(entries, 'i', ['incident.transition']).map(({ id }) => id)).toEqual(['a']);
    expect(rejectedAbout(undefined, 'i', ['incident.transition'])).toEqual([]);
  });
});
