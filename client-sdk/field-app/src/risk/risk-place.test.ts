import { describe, expect, it } from 'vitest';
import { latLngToCell } from 'h3-js';
import { riskLayers, riskShapes } from '../map/risk-layers.ts';
import type { Palette } from '../map/palette.ts';
import { forecastWords } from '../watches/notice-words.ts';
import { ageOf, bandName, bandOfRisk, reasonsInWords, shownPlaces } from './risk-place.ts';
import type { RiskPlace } from './risk-place.ts';

const HOUR_MS = 3_600_000;
const NOW = Date.parse('2026-11-27T18:00:00Z');
const hoursAgo = (hours: number) => new Date(NOW - hours * HOUR_MS);
const place = (changes: Partial<RiskPlace> = {}): RiskPlace => ({
  place: latLngToCell(59.33, 18.06, 9),
  place_kind: 'cell-9',
  lat: 59.33,
  lon: 18.06,
  expected: 0.12,
  lower: 0.1,
  upper: 0.15,
  rank: 1,
  band: 4,
  reasons: [],
  model_id: 'm',
  cut_off: hoursAgo(3),
  computed_at: hoursAgo(2),
  valid_until: hoursAgo(-6),
  ...changes,
});
const TOWN = place({ place: '0180', place_kind: 'municipality', band: 5 });

describe('what the map shows', () => {
  it('are cells, and municipalities only where there is none', () => {
    expect(shownPlaces([TOWN, place()]).map(({ place_kind }) => place_kind)).toEqual(['cell-9']);
    expect(shownPlaces([TOWN])).toEqual([TOWN]);
  });

  it('invariant 10: tells the oldest age, and that something should have been replaced', () => {
    const fresh = place();
    const stale = place({ computed_at: hoursAgo(20), valid_until: new Date(NOW) });
    expect(ageOf([fresh], NOW)).toEqual({ computedAt: hoursAgo(2), stale: false });
    expect(ageOf([fresh, stale], NOW)).toEqual({ computedAt: hoursAgo(20), stale: true });
    expect(ageOf([stale], NOW - 1)?.stale).toBe(false);
    expect(ageOf([], NOW)).toBeUndefined();
  });

  it('draws cells by their outlines and areas by their centres, the highest on top, the stale marked', () => {
    const low = place({ place: latLngToCell(59.4, 18.06, 9), band: 2, valid_until: hoursAgo(1) });
    const { cells, centres } = riskShapes([place(), low, TOWN, place({ place: 'no cell' })], NOW);
    expect(cells.features.map(({ properties }) => [properties.band, properties.stale])).toEqual([
      [2, true],
      [4, false],
    ]);
    // A ring of six corners that ends where it begins.
    expect(cells.features.map(({ geometry }) => geometry.coordinates[0]).map((ring) => ring?.length)).toEqual(
      [7, 7],
    );
    expect(centres.features.map(({ properties }) => properties.band)).toEqual([2, 4, 4, 5]);
    expect(riskLayers({} as Palette, [], NOW)).toEqual({ sources: {}, layers: [] });
  });
});

describe('words of a forecast', () => {
  it('says bands and reasons, also those that a later version will have', () => {
    expect([bandName(5, 'en'), bandName(5, 'sv'), bandName(9, 'en')]).toEqual([
      'Very high',
      'Mycket hög',
      '9',
    ]);
    const reasons = [
      { code: 'recent', factor: 1.8 },
      { code: 'from_later', factor: 0.5 },
    ];
    expect(reasonsInWords(reasons, 'en')).toEqual([
      { text: 'More happened here lately', factor: 1.8 },
      { text: 'Something else speaks for less', factor: 0.5 },
    ]);
    expect(reasonsInWords('damaged', 'sv')).toEqual([]);
  });

  it('says in a notice which band its risk stands for', () => {
    expect([0, 0.25, 0.5, 0.75, 1].map(bandOfRisk)).toEqual([1, 2, 3, 4, 5]);
    const notice = { placeId: 'w', name: 'Home', risk: 0.75, atMs: NOW, windowEndMs: NOW, isStale: false };
    expect(forecastWords(notice)).toMatchObject({
      tag: 'forecast w',
      title: 'Forecast at Home',
      body: expect.stringMatching(/^High, /) as string,
    });
  });
});
