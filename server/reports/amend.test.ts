import { describe, expect, it } from 'vitest';
import { AMEND_RULES } from '@halo/shapes/mutations/report-amend.ts';
import type { ReportChanges } from '@halo/shapes/mutations/report-amend.ts';
import { amendVersion } from './amend.ts';
import type { ReportVersion } from './amend.ts';

const seen: ReportVersion = {
  type: 'theft',
  severity: 2,
  occurredAt: new Date('2026-11-25T11:30:00Z'),
  description: 'A bicycle',
  location: { lat: 59.3, lon: 18.1, accuracyM: 20 },
};
/** What another amend made of every field meanwhile. */
const other: ReportVersion = {
  type: 'burglary',
  severity: 3,
  occurredAt: new Date('2026-11-25T11:00:00Z'),
  description: 'Two bicycles',
  location: { lat: 59.3, lon: 18.1, accuracyM: 5 },
};
const changes = {
  type: 'robbery',
  severity: 4,
  occurredAt: '2026-11-25T10:00:00Z',
  description: 'Three bicycles',
  location: { lat: 59.4, lon: 18.1, accuracyM: 20 },
} as const satisfies ReportChanges;
const fields = Object.keys(AMEND_RULES) as (keyof typeof AMEND_RULES)[];

describe.each(fields)('an amend of %s', (field) => {
  const one: ReportChanges = { [field]: changes[field] };

  it('is laid over what it was made upon, and over changes of other fields', () => {
    const othersChanged = { ...other, [field]: seen[field] };
    for (const now of [seen, othersChanged]) {
      const amended = amendVersion(now, seen, one);
      if ('conflict' in amended) throw new Error(`a conflict in ${amended.conflict}`);
      const { [field]: value, ...rest } = amended.next;
      expect(value).toEqual(field === 'occurredAt' ? new Date(changes.occurredAt) : changes[field]);
      const { [field]: _before, ...untouched } = now;
      expect(rest).toEqual(untouched);
      expect(amended.changed).toBe(true);
    }
  });

  it('follows the rule where the field was changed meanwhile', () => {
    const amended = amendVersion({ ...seen, [field]: other[field] }, seen, one);
    if (AMEND_RULES[field] === 'refuse') expect(amended).toEqual({ conflict: field });
    else expect(amended).toMatchObject({ changed: true, next: { [field]: changes[field] } });
  });

  it('is no conflict and no change where both say the same', () => {
    const now = { ...seen, [field]: other[field] };
    const value = field === 'occurredAt' ? '2026-11-25T12:00:00+01:00' : other[field];
    expect(amendVersion(now, seen, { [field]: value })).toEqual({ next: now, changed: false });
  });
});
