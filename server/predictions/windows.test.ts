import { describe, expect, it } from 'vitest';
import { windowAt, windowOfWeek, windowsOf } from './windows.ts';

describe('windows', () => {
  const windows = windowsOf('Europe/Stockholm');
  const hoursOf = (window: number) =>
    (windows.startOf(window + 1).getTime() - windows.startOf(window).getTime()) / 3_600_000;
  const at = (instant: string) => windowAt(windows.shownAt(Date.parse(instant)));

  it('begin with the hours of the wall clock, winter and summer', () => {
    expect(windows.startOf(at('2026-01-15T12:30:00+01:00')).toISOString()).toBe('2026-01-15T11:00:00.000Z');
    expect(windows.startOf(at('2026-07-15T12:30:00+02:00')).toISOString()).toBe('2026-07-15T10:00:00.000Z');
  });

  it('are an hour shorter and longer in the nights in which clocks are changed', () => {
    expect(hoursOf(at('2026-03-29T01:00:00+01:00'))).toBe(5);
    expect(hoursOf(at('2026-10-25T01:00:00+02:00'))).toBe(7);
    expect(hoursOf(at('2026-10-25T12:00:00+01:00'))).toBe(6);
  });

  it('are counted from Monday', () => {
    expect(windowOfWeek(at('2026-11-23T00:00:00+01:00'))).toBe(0);
    expect(windowOfWeek(at('2026-11-29T23:59:59+01:00'))).toBe(27);
    expect(windowOfWeek(at('1969-12-31T23:00:00Z'))).toBe(12);
  });

  it('need a zone that exists', () => {
    expect(() => windowsOf('Europe/Nowhere')).toThrow(expect.objectContaining({ code: 'unknown_time_zone' }));
  });
});
