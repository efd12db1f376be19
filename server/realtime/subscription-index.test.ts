import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RealtimeSubscription } from '@halo/shapes/protocol/realtime.ts';
import { greatCircleDistance, UNITS } from 'h3-js';
import type { IncidentChange, IncidentView } from './incident-change.ts';
import { newsFor } from './subscription.ts';
import type { Subscription } from './subscription.ts';
import { SubscriptionIndex } from './subscription-index.ts';

const AREAS = ['01', '0180', '0180-a', '14'];
const TYPES = ['theft', 'fire', 'robbery'] as const;

// Near each other, so that circles and points meet; and at the poles, the date line and the equator, where a flat map fails.
const middle = fc.constantFrom([59.3, 18.1], [89.9, 40], [-89.99, 0], [0.01, 179.99], [65, -179.9]);
const point = fc
  .tuple(middle, fc.double({ min: -2, max: 2, noNaN: true }), fc.double({ min: -4, max: 4, noNaN: true }))
  .map(([[lat, lon], north, east]) => ({
    lat: Math.max(-90, Math.min(90, lat + north)),
    lon: ((lon + east + 540) % 360) - 180,
  }));
const view: fc.Arbitrary<IncidentView> = fc
  .record({
    areas: fc.subarray(AREAS),
    severity: fc.integer({ min: 1, max: 5 }),
    type: fc.constantFrom(...TYPES),
    at: point,
  })
  .map(({ at, ...rest }) => ({ ...rest, ...at }));
const filter: fc.Arbitrary<Omit<RealtimeSubscription, 'id'>> = fc.record(
  {
    area: fc.constantFrom(...AREAS),
    circle: fc
      .tuple(point, fc.double({ min: 1, max: 100_000, noNaN: true }))
      .map(([at, radiusM]) => ({ ...at, radiusM })),
    minSeverity: fc.integer({ min: 1, max: 5 }),
    types: fc.subarray([...TYPES], { minLength: 1 }),
  },
  { requiredKeys: [] },
);
const change = fc
  .record({ before: fc.option(view), after: fc.option(view) })
  .filter(({ before, after }) => before !== null || after !== null);

/** The filter as one would say it, of one incident. */
function isIn(
  { area, circle, minSeverity, types }: Omit<RealtimeSubscription, 'id'>,
  incident: IncidentView,
): boolean {
  return (
    (area === undefined || incident.areas.includes(area)) &&
    (minSeverity === undefined || incident.severity >= minSeverity) &&
    (types === undefined || types.includes(incident.type as (typeof TYPES)[number])) &&
    (circle === undefined ||
      greatCircleDistance([circle.lat, circle.lon], [incident.lat, incident.lon], UNITS.m) <= circle.radiusM)
  );
}

describe('the index of subscriptions', () => {
  it('finds just those that asking each would find, and what the change is to them', () => {
    fc.assert(
      fc.property(
        fc.array(filter, { maxLength: 20 }),
        fc.array(change, { maxLength: 20 }),
        fc.array(fc.nat(19)),
        (filters, changes, gone) => {
          const index = new SubscriptionIndex<null>();
          const all = filters.map((each, i): Subscription<null> => {
            return {
              owner: null,
              filter: { ...each, id: String(i) },
              after: { kind: 'log', lsn: 1n, op: 0 },
            };
          });
          for (const each of all) index.add(each);
          for (const i of gone) if (all[i] !== undefined) index.remove(all[i]);
          const there = all.filter((_, i) => !gone.includes(i));
          expect(index.size).toBe(there.length);
          for (const [i, { before, after }] of changes.entries()) {
            const told: IncidentChange = {
              offset: { kind: 'log', lsn: BigInt(i), op: 2 },
              offsetText: `${i}_2`,
              row: {},
              before,
              after,
            };
            const found = [...index.candidates(told)].flatMap((each) => {
              const operation = newsFor(each, told);
              return operation === undefined ? [] : [`${operation} ${each.filter.id}`];
            });
            const naive = there.flatMap(({ filter: each }) => {
              const was = before !== null && isIn(each, before);
              const is = after !== null && isIn(each, after);
              // What lies before the subscription's beginning is none of its news.
              if (i === 0 || (!was && !is)) return [];
              const operation = is ? (was ? 'update' : 'insert') : after === null ? 'delete' : 'leave';
              return [`${operation} ${each.id}`];
            });
            expect(found.toSorted()).toEqual(naive.toSorted());
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('keeps nothing of what was taken out', () => {
    const index = new SubscriptionIndex<null>();
    const circle = { lat: 59.3, lon: 18.1, radiusM: 5_000 };
    const after = { kind: 'log', lsn: 0n, op: 0 } as const;
    const one: Subscription<null> = { owner: null, filter: { id: 'a', circle }, after };
    index.add(one);
    index.add(one);
    index.remove(one);
    const incident = { areas: ['01'], lat: 59.3, lon: 18.1, severity: 3, type: 'theft' };
    const told = { offset: { ...after, lsn: 9n }, offsetText: '9_0', row: {}, before: null, after: incident };
    expect([...index.candidates(told)]).toEqual([]);
    expect(index.size).toBe(0);
  });
});
