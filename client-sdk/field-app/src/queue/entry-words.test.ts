import { describe, expect, it } from 'vitest';
import { MUTATION_SCHEMAS } from '@halo/shapes/mutations/mutation-schemas.ts';
import { DICTIONARY } from '../texts/dictionary.ts';
import { entryWords, fieldName } from './entry-words.ts';
import { mendingOf } from './entry-fields.ts';

const reportType = (id: string) => (id === 'r' ? 'fire' : undefined);
const words = (type: string, args: unknown) => entryWords({ type, args }, reportType);

describe('entryWords', () => {
  it('says what each entry does and what it is about', () => {
    expect(words('report.create', { type: 'theft', description: 'A bicycle.' })).toEqual({
      title: 'Report: Theft',
      detail: 'A bicycle.',
    });
    expect(words('report.amend', { reportId: 'r', changes: { severity: 3, occurredAt: 'x' } })).toEqual({
      title: 'Change to report: Fire',
      detail: 'how serious, when',
    });
    expect(words('report.withdraw', { reportId: 'r' }).title).toBe('Withdrawal of report: Fire');
    expect(words('report.withdraw', { reportId: 'unknown' }).title).toBe('Withdrawal of report: a report');
    expect(words('comment.create', { body: 'Gone now.' })).toEqual({ title: 'Comment', detail: 'Gone now.' });
    expect(words('watch.set', { name: 'Home' })).toEqual({ title: 'Watch a place', detail: 'Home' });
    expect(words('watch.set', { watchId: 'w', name: 'Home' }).title).toBe('Change to a watched place');
    expect(words('incident.transition', { to: 'verified', note: '' })).toEqual({
      title: 'Decision: Verified',
      detail: undefined,
    });
    expect(words('incident.transition', { to: 'closed' }).title).toBe('Decision: Closed');
  });

  it('has words of its own for every type that there is, and shows any other as it is', () => {
    const other = DICTIONARY.en.queue.entry.other;
    for (const type of MUTATION_SCHEMAS.keys()) expect(words(type, {}).title).not.toBe(other);
    expect(words('a.later_type', {})).toEqual({ title: other, detail: 'a.later_type' });
  });

  it('never shows more of a text than fits, and takes arguments that are none', () => {
    expect(words('comment.create', { body: 'x'.repeat(2000) }).detail).toHaveLength(160);
    expect(words('comment.create', { body: 7 }).detail).toBeUndefined();
    expect(words('report.amend', { changes: null }).detail).toBeUndefined();
  });
});

describe('fieldName', () => {
  it('takes arguments that the server has forgotten', () => {
    for (const type of Object.keys(MUTATION_SCHEMAS)) expect(words(type, null).title).not.toBe('');
  });

  it('finds the field of a report inside a change, and of a place inside a location', () => {
    expect(fieldName('changes.severity')).toBe('how serious');
    expect(fieldName('location.lat')).toBe('where');
    expect(fieldName('a_later_field')).toBeUndefined();
  });
});

describe('mendingOf', () => {
  it('mends a report in its form, a change in its own, a text where it stands, and sends others as they are', () => {
    expect(mendingOf({ id: 'e', type: 'report.create', args: {} })).toEqual({ by: 'report_form' });
    expect(mendingOf({ id: 'e', type: 'report.amend', args: { reportId: 'r' } })).toEqual({
      by: 'amend_form',
      reportId: 'r',
    });
    const comment = mendingOf({ id: 'e', type: 'comment.create', args: { body: 'Gone.' } });
    expect(comment).toMatchObject({ by: 'fields', fields: [{ name: 'body', value: 'Gone.' }] });
    const args = { watchId: 'w', name: 'Home', lat: 59, lon: 18, radiusM: 250, threshold: 0.75 };
    expect(mendingOf({ id: 'e', type: 'watch.set', args })).toEqual({
      by: 'watch_form',
      start: {
        ...{ form: 'watch e', resendOf: 'e', watchId: 'w', name: 'Home', place: { lat: 59, lon: 18 } },
        ...{ radiusM: 250, threshold: 0.75 },
      },
    });
    const rejection = { code: 'not_found', message: 'Gone.' };
    const anew = mendingOf({ id: 'e', type: 'watch.set', args, rejection });
    expect(anew).not.toHaveProperty('start.watchId');
    expect(mendingOf({ id: 'e', type: 'watch.set', args: { name: 7 } })).toMatchObject({
      start: { name: '' },
    });
    expect(mendingOf({ id: 'e', type: 'watch.remove', args: { watchId: 'w' } })).toEqual({ by: 'nothing' });
  });
});
