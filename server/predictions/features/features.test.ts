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

/** Six spots some 350 m apart, in as many cells. */
function historyOf(entries: readonly Entry[]): History {
  const builder = createHistoryBuilder('cell-9', 'UTC', []);
  for (let cell = 0; cell < 6; cell++)
    builder.add(incident({ cell, ageDays: 900, delayDays: 0, type: 'theft' }));
  entries.forEach((entry) => builder.add(incident(entry)));
  return builder.build();
}

function incident({ cell, ageDays, delayDays, type }: Entry) {
  const occurredAtMs = CUT_OFF_MS - ageDays * DAY_MS;
  return {
    type,
    occurredAtMs,
    knownAtMs: occurredAtMs + delayDays * DAY_MS,
    lat: 59.33 + cell * 0.0032,
    lon: 18.07,
    region: '01',
    municipality: '0180',
    isPoint: true,
  };
}

function rowsAt(history: History): number[] {
  const timeline = timelineOf(history, SERIES);
  const view = featureView(timeline, CUT_OFF_MS)!;
  const row = new Float32Array(view.width);
  const first = windowAt(CUT_OFF_MS);
  return Array.from({ length: 6 * 28 }, (_, n) => n).flatMap((n) => {
    view.fill(n % 6, first + Math.floor(n / 6), row, 0);
    return [...row];
  });
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
      const known = all.filter(({ ageDays, delayDays }) => delayDays - ageDays <= 0);
      expect(rowsAt(historyOf(all))).toEqual(rowsAt(historyOf(known)));
    }),
    { numRuns: 40 },
  );
});

it('learns nothing from what patrols bring about', () => {
  fc.assert(
    fc.property(entries, (all) => {
      const reported = all.filter(({ type }) => type !== 'drugs');
      expect(rowsAt(historyOf(all))).toEqual(rowsAt(historyOf(reported)));
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
  const timeline = timelineOf(historyOf([]), SERIES);
  const reasons = reasonsOfColumns(timeline);
  expect(reasons).toHaveLength(featureView(timeline, CUT_OFF_MS)!.width);
  expect(reasons.filter((reason) => reason === undefined)).toHaveLength(1);
  expect(new Set(FEATURES.map(({ name }) => name)).size).toBe(FEATURES.length);
});

it('counts ages from the last that is known, so that a register entered monthly has no quiet last weeks', () => {
  const view = featureView(
    timelineOf(historyOf([{ cell: 2, ageDays: 40, delayDays: 10, type: 'burglary' }]), SERIES),
    CUT_OFF_MS,
  )!;
  const row = new Float32Array(view.width);
  view.fill(2, windowAt(CUT_OFF_MS), row, 0);
  const named = (name: string) => row[view.kernel.columns + FEATURES.findIndex((each) => each.name === name)];
  expect(named('within_1_days')).toBe(1);
  expect(named('days_since_last')).toBe(0);
  expect(named('gap_days')).toBeCloseTo(40);
});
