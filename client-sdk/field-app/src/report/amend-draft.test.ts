import { describe, expect, it } from 'vitest';
import { reportChangesSchema } from '@halo/shapes/mutations/report-amend.ts';
import { changesOf, draftOfReport } from './amend-draft.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const SAID = {
  type: 'fire',
  severity: 4,
  occurred_at: new Date('2026-11-25T10:31:42.123Z'),
  description: 'Smoke',
  lat: 59.33,
  lon: 18.07,
  accuracy_m: 25,
};
const draft = draftOfReport(SAID, undefined);
const changes = (edits: Partial<typeof draft>) => changesOf(SAID, { ...draft, ...edits }, NOW);

describe('the form of a report that is to be changed', () => {
  it('changes nothing as long as nothing is touched, not even the seconds of its time', () => {
    expect(changes({})).toEqual({ changes: undefined });
    expect(changes({ description: ' Smoke ' })).toEqual({ changes: undefined });
  });

  it('sends only what differs, in the terms of the server', () => {
    const position = { lat: 59.34, lon: 18.07, accuracyM: 100, source: 'map' as const };
    const changed = changes({ severity: 5, position });
    expect(changed).toEqual({
      changes: { severity: 5, location: { lat: 59.34, lon: 18.07, accuracyM: 100 } },
    });
    expect('changes' in changed && reportChangesSchema.safeParse(changed.changes).success).toBe(true);
    expect(changes({ when: 'now' })).toEqual({ changes: { occurredAt: '2026-11-25T12:00:00.000Z' } });
    expect(changes({ earlierAt: '' })).toHaveProperty('errors.when');
  });

  it('puts back what a rejected change said and the form says no more', () => {
    expect(changesOf(SAID, draft, NOW, ['severity', 'occurredAt'])).toEqual({
      changes: { severity: 4, occurredAt: '2026-11-25T10:31:42.123Z' },
    });
  });

  it('shows changes that were rejected over what the report says now', () => {
    expect(draftOfReport(SAID, { severity: 1, description: 'Steam' })).toMatchObject({
      type: 'fire',
      severity: 1,
      description: 'Steam',
    });
  });
});
