import { describe, expect, it } from 'vitest';
import { DICTIONARY } from '../texts/dictionary.ts';
import { placeOfWindow, windowName, windowsAhead } from './risk-windows.ts';
import type { RiskWindow } from './risk-windows.ts';

const window = (start: string, end: string): RiskWindow => ({
  window_start: new Date(start),
  window_end: new Date(end),
});
/** Friday the 27th of November, 19:00 in Stockholm. */
const NOW = Date.parse('2026-11-27T18:00:00Z');
const TONIGHT = window('2026-11-27T17:00:00Z', '2026-11-27T23:00:00Z');
const NEXT = window('2026-11-27T23:00:00Z', '2026-11-28T05:00:00Z');
const say = (one: RiskWindow, nowMs = NOW) => [
  windowName(one, nowMs, DICTIONARY.en.risk.windows, 'en-GB'),
  windowName(one, nowMs, DICTIONARY.sv.risk.windows, 'sv-SE'),
];

describe('windowName', () => {
  it('says day and hours by the clock of Stockholm, in both languages', () => {
    expect(say(TONIGHT)).toEqual(['Tonight 18–24', 'I kväll 18–24']);
    expect(say(NEXT)).toEqual(['Night to Saturday 00–06', 'Natten till lördag 00–06']);
    const morning = window('2026-11-28T05:00:00Z', '2026-11-28T11:00:00Z');
    expect(say(morning)).toEqual(['Tomorrow morning 06–12', 'I morgon förmiddag 06–12']);
    const later = window('2026-12-01T11:00:00Z', '2026-12-01T17:00:00Z');
    expect(say(later)).toEqual(['Tuesday afternoon 12–18', 'Tisdag eftermiddag 12–18']);
    expect(say(NEXT, Date.parse('2026-11-28T01:00:00Z'))).toEqual(['This night 00–06', 'I natt 00–06']);
  });

  it('keeps to the wall clock where clocks are changed', () => {
    // On the 28th of March 2027 the night has five hours.
    const short = window('2027-03-27T23:00:00Z', '2027-03-28T04:00:00Z');
    expect(say(short, Date.parse('2027-03-27T12:00:00Z'))[0]).toBe('Night to Sunday 00–06');
    const after = window('2027-03-28T04:00:00Z', '2027-03-28T10:00:00Z');
    expect(say(after, Date.parse('2027-03-27T12:00:00Z'))[0]).toBe('Tomorrow morning 06–12');
  });
});

describe('windowsAhead', () => {
  it('begins with the one under way, and keeps the one that was chosen as time goes on', () => {
    const windows = windowsAhead([NEXT, TONIGHT], NOW);
    expect(windows).toEqual([TONIGHT, NEXT]);
    const chosen = NEXT.window_start.getTime();
    expect(placeOfWindow(windows, chosen)).toBe(1);
    const later = windowsAhead([NEXT, TONIGHT], TONIGHT.window_end.getTime());
    expect(later).toEqual([NEXT]);
    expect(placeOfWindow(later, chosen)).toBe(0);
    expect(placeOfWindow(windows, 0)).toBe(0);
    expect(windowsAhead([TONIGHT], NEXT.window_end.getTime())).toEqual([]);
  });
});
