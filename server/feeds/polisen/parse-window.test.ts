import { describe, expect, it } from 'vitest';
import { parseWindow } from './parse-window.ts';

const event = (id: number, extra: object = {}) => ({
  id,
  datetime: '2025-01-01 9:05:00 +01:00',
  name: '01 januari 08.00, Rån, Malmö',
  summary: 'En väska.',
  url: '/x',
  type: 'Rån',
  location: { name: 'Malmö', gps: '55.604981,13.003822' },
  ...extra,
});
const parse = (value: unknown) => parseWindow(Buffer.from(JSON.stringify(value)));

describe('parseWindow', () => {
  it.each([
    ['empty_body', ''],
    ['empty_body', ' \n'],
    ['not_json', '<html>'],
    ['not_json', '[{"id":1'],
    ['not_a_list', '{"error":"busy"}'],
  ])('says %s', (unreadable, text) => {
    expect(parseWindow(Buffer.from(text))).toEqual({ unreadable });
  });

  it('says not_utf8 of another charset, and forgives a byte order mark', () => {
    const text = JSON.stringify([event(1)]);
    expect(parseWindow(Buffer.from(text, 'latin1'))).toEqual({ unreadable: 'not_utf8' });
    expect(parseWindow(Buffer.from(`\ufeff${text}`))).toMatchObject({ presentIds: ['1'] });
  });

  it('keeps fields that it does not know', () => {
    const parsed = parse([event(7, { mood: 'calm' })]);
    expect(parsed).toMatchObject({ events: [{ sourceId: '7', payload: { mood: 'calm' } }], setAside: 0 });
  });

  it('does without coordinates, a location or a summary', () => {
    const parsed = parse([
      event(1, { location: { name: 'Malmö' } }),
      event(2, { location: null, summary: null }),
    ]);
    expect(parsed).toMatchObject({
      events: [{ locationName: 'Malmö' }, { locationName: null, summary: '' }],
      setAside: 0,
    });
  });

  it.each([
    ['a name that is no text', { name: 5 }],
    ['an empty type', { type: ' ' }],
    ['a character that Postgres cannot keep', { summary: 'a\u0000b' }],
    ['half a surrogate pair', { summary: 'a\ud800b' }],
    ['an item beyond all size', { summary: '', extra: 'x'.repeat(40_000) }],
  ])('sets aside %s, still knows that it is there, and keeps the rest', (_, wrong) => {
    const parsed = parse([event(1), event(2, wrong), event(3)]);
    expect(parsed).toMatchObject({
      events: [{ sourceId: '1' }, { sourceId: '3' }],
      presentIds: ['1', '2', '3'],
      setAside: 1,
      hidesIds: false,
    });
  });

  it('says when an item hides its key', () => {
    expect(parse([event(1), { ...event(2), id: 'two' }, null])).toMatchObject({
      setAside: 2,
      hidesIds: true,
    });
  });

  it('takes the first of two items with one key', () => {
    expect(parse([event(1, { summary: 'a' }), event(1, { summary: 'b' })])).toMatchObject({
      events: [{ summary: 'a' }],
      presentIds: ['1'],
      setAside: 1,
    });
  });
});
