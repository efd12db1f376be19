import { describe, expect, it } from 'vitest';
import { reportCreateSchema } from '@halo/shapes/mutations/report-create.ts';
import {
  EMPTY_DRAFT,
  checkDraft,
  draftOfArgs,
  draftOfRejected,
  draftSchema,
  parseCoordinates,
} from './report-draft.ts';
import { readKept } from '../device/use-kept.ts';
import type { ReportDraft } from './report-draft.ts';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const POSITION = { lat: 59.33, lon: 18.07, accuracyM: 25, source: 'map' as const };
const FULL: ReportDraft = {
  ...EMPTY_DRAFT,
  type: 'fire',
  severity: 4,
  position: POSITION,
  description: ' Smoke ',
};

describe('checkDraft', () => {
  it('names each missing field; there is no default position and no default severity', () => {
    const checked = checkDraft(EMPTY_DRAFT, NOW);
    expect('errors' in checked && Object.keys(checked.errors)).toEqual(['type', 'severity', 'position']);
  });

  it('makes a report that the schema of the server accepts', () => {
    const checked = checkDraft(FULL, NOW);
    expect('report' in checked && reportCreateSchema.parse(checked.report)).toEqual({
      type: 'fire',
      severity: 4,
      occurredAt: '2026-11-25T12:00:00.000Z',
      description: 'Smoke',
      location: { lat: 59.33, lon: 18.07, accuracyM: 25 },
    });
  });

  it('refuses a time that is none or lies ahead', () => {
    const at = (earlierAt: string) => checkDraft({ ...FULL, when: 'earlier', earlierAt }, NOW);
    expect(at('')).toHaveProperty('errors.when');
    expect(at('2027-01-01T00:00')).toHaveProperty('errors.when');
    expect(at('2026-11-24T12:00')).toHaveProperty('report');
  });
});

describe('a stored draft', () => {
  it('comes back as it was; a damaged one is as good as none', () => {
    expect(readKept(JSON.stringify(FULL), draftSchema)).toEqual(FULL);
    for (const text of ['{"type":"fire"}', '{', undefined]) {
      expect(readKept(text, draftSchema)).toBeUndefined();
    }
  });

  it('is made of a rejected report with all that can still be read', () => {
    const { location, ...args } = { ...FULL, occurredAt: '2019-05-01T10:00:00Z', location: POSITION };
    const draft = draftOfRejected('an-id', { ...args, location });
    expect(draft).toMatchObject({ type: 'fire', severity: 4, when: 'earlier', resendOf: 'an-id' });
    expect(draft.position).toMatchObject({ lat: 59.33, lon: 18.07, accuracyM: 25 });
    expect(draftOfArgs(args)).not.toHaveProperty('resendOf');
    expect(draftOfRejected('an-id', 'nonsense')).toEqual({ ...EMPTY_DRAFT, resendOf: 'an-id' });
  });
});

describe('parseCoordinates', () => {
  it.each([
    ['59.33, 18.07', { lat: 59.33, lon: 18.07 }],
    ['59,33 18,07', { lat: 59.33, lon: 18.07 }],
    ['59.33;18.07', { lat: 59.33, lon: 18.07 }],
    ['59,18', { lat: 59, lon: 18 }],
    ['-1.5, -2', { lat: -1.5, lon: -2 }],
    ['95, 18', undefined],
    ['59.33', undefined],
    ['here', undefined],
  ])('reads %s', (text, expected) => {
    expect(parseCoordinates(text)).toEqual(expected);
  });
});
