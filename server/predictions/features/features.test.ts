import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { History } from '../forecast.ts';
import { createHistoryBuilder } from '../history-builder.ts';
import { windowAt } from '../windows.ts';
import { FEATURES, featureView, reasonsOfColumns } from './features.ts';
import { timelineOf } from './timeline.ts';

const DAY_MS = 86_400_000;
const CUT_OFF_MS = Date.parse('2026-03-02T00:00:00Z');
const SERIES = { placeKind: 'cell-9', category: 'burglary' } as const;

interface Entry {
  readonly cell: number;
  readonly ageDays: number;
  readonly delayDays: number;
  readonly type: 'burglary' | 'theft' | 'drugs';
}

const LONG_AGO: Entry = { cell: 0, ageDays: 900, delayDays: 0, type: 'theft' };

/** Five spots some 350 m apart, in as many cells, and one far in the north. */
const LATITUDES = [59.33, 59.3332, 59.3364, 59.3396, 59.3428, 67.85];

/** Only cells with an entry are in it, as in what is read from Postgres. */
function historyOf(entries: readonly Entry[]): History {
  const builder = createHistoryBuilder('cell-9', 'UTC', []);
  entries.forEach((entry) => builder.add(incident(entry)));
  return builder.build();
}

function incident({ cell, ageDays, delayDays, type }: Entry) {
  const occurredAtMs = CUT_OFF_MS - ageDays * DAY_MS;
  return {
    type,
    occurredAtMs,
    knownAtMs: occurredAtMs + delayDays * DAY_MS,
    lat: LATITUDES[cell]!,
    lon: 18.07,
    region: '01',
    municipality: '0180',
    isPoint: true,
  };
}

/** The rows of the first places of a history; none where nothing is known. */
function rowsAt(history: History, places = history.places.length): number[] {
  const timeline = timelineOf(history, SERIES);
  const view = featureView(timeline, CUT_OFF_MS);
  if (view === undefined) return [];
  const row = new Float32Array(view.width);
  const first = windowAt(CUT_OFF_MS);
  return Array.from({ length: places * 28 }, (_, n) => n).flatMap((n) => {
    view.fill(n % places, first + Math.floor(n / places), row, 0);
    return [...row];
  });
}

/** Expects the same rows of a history of some entries as of one of others besides, which may bring places of their own. */
function expectBlindTo(others: readonly Entry[], seen: readonly Entry[]): void {
  const history = historyOf(seen);
  expect(rowsAt(historyOf([...seen, ...others]), history.places.length)).toEqual(rowsAt(history));
}

const entries = fc.array(
  fc.record({
    cell: fc.integer({ min: 0, max: 5 }),
    // Whole quarters of an hour, so that no rounding decides what was known.
    ageDays: fc.integer({ min: -20 * 96, max: 1_200 * 96 }).map((quarters) => quarters / 96),
    delayDays: fc.integer({ min: 0, max: 60 * 96 }).map((quarters) => quarters / 96),
    type: fc.constantFrom('burglary' as const, 'theft' as const, 'drugs' as const),
  }),
  { maxLength: 60 },
);

it('invariant 10: at a cut-off nothing that became known later is seen', () => {
  fc.assert(
    fc.property(entries, (all) => {
      const isKnown = ({ ageDays, delayDays }: Entry) => delayDays - ageDays <= 0;
      expectBlindTo(
        all.filter((entry) => !isKnown(entry)),
        all.filter(isKnown),
      );
    }),
    { numRuns: 60 },
  );
});

it('learns nothing from what patrols bring about', () => {
  fc.assert(
    fc.property(entries, (all) => {
      const isFound = ({ type }: Entry) => type === 'drugs';
      expectBlindTo(
        all.filter(isFound),
        all.filter((entry) => !isFound(entry)),
      );
    }),
    { numRuns: 20 },
  );
});

it('are finite numbers, each with a reason but for the constant', () => {
  fc.assert(
    fc.property(entries, (all) => {
      expect(rowsAt(historyOf(all)).every(Number.isFinite)).toBe(true);
    }),
    { numRuns: 40 },
  );
  const timeline = timelineOf(historyOf([LONG_AGO]), SERIES);
  const reasons = reasonsOfColumns(timeline);
  expect(reasons).toHaveLength(featureView(timeline, CUT_OFF_MS)!.width);
  expect(reasons.filter((reason) => reason === undefined)).toHaveLength(1);
  expect(new Set(FEATURES.map(({ name }) => name)).size).toBe(FEATURES.length);
});

it('counts ages from the last that is known, so that a register entered monthly has no quiet last weeks', () => {
  const view = featureView(
    timelineOf(historyOf([LONG_AGO, { cell: 2, ageDays: 40, delayDays: 10, type: 'burglary' }]), SERIES),
    CUT_OFF_MS,
  )!;
  const row = new Float32Array(view.width);
  view.fill(1, windowAt(CUT_OFF_MS), row, 0);
  const named = (name: string) => row[view.kernel.columns + FEATURES.findIndex((each) => each.name === name)];
  expect(named('within_1_days')).toBe(1);
  expect(named('days_since_last')).toBe(0);
  expect(named('gap_days')).toBeCloseTo(40);
});

it('tells the daylight of each place, not of the middle of all', () => {
  const atMidsummerMs = Date.parse('2026-06-20T00:00:00Z');
  const places = [LONG_AGO, { ...LONG_AGO, cell: 5 }];
  const view = featureView(timelineOf(historyOf(places), SERIES), atMidsummerMs)!;
  const row = new Float32Array(view.width);
  const byNight = (place: number) => {
    view.fill(place, windowAt(atMidsummerMs), row, 0);
    return row[view.kernel.columns + FEATURES.findIndex(({ name }) => name === 'daylight')]!;
  };
  expect(byNight(1)).toBe(1);
  expect(byNight(0)).toBeGreaterThan(0.3);
  expect(byNight(0)).toBeLessThan(0.7);
});
