import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_REMEMBERED_PLACES, stepGeofence } from './geofence.ts';
import type { DevicePosition, PlaceMemory, RiskForecast, RiskNotice } from './geofence.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const RULES = { threshold: 5, coolDownMs: HOUR_MS, maxAccuracyM: 200 };

/** About 1,100 by 570 metres, its west border on the meridian of 18. */
const forecast = (changes: Partial<RiskForecast> = {}): RiskForecast => ({
  placeId: 'A',
  polygons: [
    [
      [
        [18, 59],
        [18.01, 59],
        [18.01, 59.01],
        [18, 59.01],
      ],
    ],
  ],
  risk: 6,
  windowStartMs: 0,
  windowEndMs: 6 * HOUR_MS,
  validUntilMs: 12 * HOUR_MS,
  ...changes,
});

/** A position this far east of the west border: 0.001 degrees are 57 metres there. */
const at = (minutes: number, eastDegrees: number, accuracyM = 10): DevicePosition => ({
  lat: 59.005,
  lon: 18 + eastDegrees,
  accuracyM,
  atMs: minutes * MINUTE_MS,
});
const WITHIN = 0.005;
const OUTSIDE = -0.01;

/** Walks through the positions; the forecasts may differ from step to step. */
function walk(
  positions: readonly DevicePosition[],
  forecastsAt: (position: DevicePosition) => readonly RiskForecast[] = () => [forecast()],
): RiskNotice[] {
  let memory: readonly PlaceMemory[] = [];
  return positions.flatMap((position) => {
    const step = stepGeofence(memory, forecastsAt(position), position, RULES);
    // The memory goes through JSON, as it does when the app is started again in between.
    memory = JSON.parse(JSON.stringify(step.memory)) as PlaceMemory[];
    return step.notices;
  });
}

const minutesOf = (notices: readonly RiskNotice[]) => notices.map(({ atMs }) => atMs / MINUTE_MS);

describe('stepGeofence', () => {
  it('tells once of a place that is entered, however long the stay', () => {
    const notices = walk([at(0, OUTSIDE), at(1, WITHIN), at(2, WITHIN), at(200, WITHIN)]);
    expect(notices).toEqual([
      { placeId: 'A', risk: 6, atMs: MINUTE_MS, windowEndMs: 6 * HOUR_MS, isStale: false },
    ]);
  });

  it('tells of a return only after the cool-down', () => {
    const path = [at(0, WITHIN), at(1, OUTSIDE), at(59, WITHIN), at(70, OUTSIDE), at(71, WITHIN)];
    expect(minutesOf(walk(path))).toEqual([0, 71]);
  });

  it('is silent under the threshold, tells at it, and when the risk rises to it during a stay', () => {
    const risks = new Map([
      [0, 4.9],
      [1, 5],
      [2, 7],
    ]);
    const rising = (position: DevicePosition) => [forecast({ risk: risks.get(position.atMs / MINUTE_MS)! })];
    expect(minutesOf(walk([at(0, WITHIN), at(1, WITHIN), at(2, WITHIN)], rising))).toEqual([1]);
  });

  it('takes a stay at a border for one stay, as far as the positions are certain', () => {
    const wavering = [
      at(0, 0.0005),
      at(61, -0.0005, 50),
      at(62, 0.0005),
      at(130, -0.0005, 50),
      at(131, 0.0005),
    ];
    expect(minutesOf(walk(wavering))).toEqual([0]);
    const leaving = [at(0, 0.0005), at(61, -0.0005, 10), at(62, 0.0005)];
    expect(minutesOf(walk(leaving))).toEqual([0, 62]);
  });

  it('concludes nothing from a position that is too uncertain, or whose uncertainty is not known', () => {
    expect(walk([at(0, WITHIN, 201), at(1, WITHIN, NaN)])).toEqual([]);
    expect(minutesOf(walk([at(0, WITHIN), at(61, OUTSIDE, 201), at(62, WITHIN)]))).toEqual([0]);
  });

  it('goes by the window of the position, and marks a forecast that should have been replaced', () => {
    const windows = [
      forecast({ windowEndMs: HOUR_MS, risk: 1 }),
      forecast({ windowStartMs: HOUR_MS, windowEndMs: 2 * HOUR_MS, validUntilMs: 90 * MINUTE_MS }),
    ];
    expect(walk([at(59, WITHIN)], () => windows)).toEqual([]);
    expect(walk([at(60, WITHIN)], () => windows)).toMatchObject([{ risk: 6, isStale: false }]);
    expect(walk([at(90, WITHIN)], () => windows)).toMatchObject([{ risk: 6, isStale: true }]);
    expect(walk([at(120, WITHIN)], () => windows)).toEqual([]);
  });

  it('is not silenced by a notice of the future, given before the clock was set back', () => {
    expect(minutesOf(walk([at(300, WITHIN), at(301, OUTSIDE), at(1, WITHIN)]))).toEqual([300, 1]);
  });

  it('tells of each place by itself, and of one with several forecasts by the highest', () => {
    const risks = [5, 9, 7].map((risk) => forecast({ risk }));
    const both = [...risks, forecast({ placeId: 'B' })];
    expect(walk([at(0, WITHIN), at(1, WITHIN)], () => both)).toMatchObject([
      { placeId: 'A', risk: 9 },
      { placeId: 'B', risk: 6 },
    ]);
  });

  it('goes by the part of a place that the device is in, and takes its parts for one place', () => {
    const [west] = forecast().polygons[0]!;
    const east = west!.map(([lon, lat]) => [lon + 0.01, lat] as const);
    const parts = [forecast({ risk: 6 }), forecast({ risk: 9, polygons: [[east]] })];
    const path = [at(0, WITHIN), at(1, WITHIN + 0.01), at(61, WITHIN)];
    expect(walk(path, () => parts)).toMatchObject([{ placeId: 'A', risk: 6 }]);
    expect(walk(path.slice(1), () => parts)).toMatchObject([{ placeId: 'A', risk: 9 }]);
  });

  it('remembers a bounded number of places, the ones noticed last', () => {
    const past = Array.from({ length: MAX_REMEMBERED_PLACES }, (_, index) => ({
      placeId: `past ${index}`,
      isWithin: false,
      noticedAtMs: index,
    }));
    const { memory } = stepGeofence(past, [forecast()], at(10, WITHIN), RULES);
    expect(memory).toHaveLength(MAX_REMEMBERED_PLACES);
    expect(memory[0]).toEqual({ placeId: 'A', isWithin: true, noticedAtMs: 10 * MINUTE_MS });
    expect(memory.some(({ placeId }) => placeId === 'past 0')).toBe(false);
  });

  it('on any walk: a notice only within a place at risk, and never two within a cool-down', () => {
    const step = fc.record({
      minutes: fc.integer({ min: 1, max: 50 }),
      east: fc.constantFrom(WITHIN, OUTSIDE, 0.0005, -0.0005),
      accuracyM: fc.constantFrom(5, 50, 300),
      risk: fc.constantFrom(4, 5, 6),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let minutes = 0;
        const risks = new Map<number, number>();
        const path = steps.map(({ minutes: later, east, accuracyM, risk }) => {
          minutes += later;
          risks.set(minutes * MINUTE_MS, risk);
          return at(minutes, east, accuracyM);
        });
        const alwaysOpen = { windowEndMs: Infinity, validUntilMs: Infinity };
        const notices = walk(path, ({ atMs }) => [forecast({ ...alwaysOpen, risk: risks.get(atMs)! })]);
        const positions = new Map(path.map((position) => [position.atMs, position]));
        notices.forEach(({ atMs }, index) => {
          const { lon, accuracyM } = positions.get(atMs)!;
          expect([lon >= 18, accuracyM <= 200, risks.get(atMs)! >= 5]).toEqual([true, true, true]);
          const previous = notices[index - 1];
          if (previous !== undefined) expect(atMs - previous.atMs).toBeGreaterThanOrEqual(HOUR_MS);
        });
        // The first certain position within it, while the risk counts, is always told.
        const first = path.find(
          ({ lon, accuracyM, atMs }) => lon > 18 && accuracyM <= 200 && risks.get(atMs)! >= 5,
        );
        expect(notices[0]?.atMs).toBe(first?.atMs);
      }),
    );
  });
});
