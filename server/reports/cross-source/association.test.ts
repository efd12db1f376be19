import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { associate, CANDIDATE_PROBABILITY, decide, MATCH_PROBABILITY } from './association.ts';
import type { ReportedIncident } from './association.ts';

const NOON = Date.UTC(2026, 10, 25, 12);
const event = (changes: Partial<ReportedIncident> = {}) => ({
  id: 'event',
  type: 'traffic_accident' as const,
  occurredAt: new Date(NOON),
  description: '',
  ...changes,
});
const incident = (
  id: string,
  minutes: number,
  changes: Partial<ReportedIncident> = {},
): ReportedIncident => ({
  ...event(),
  id,
  occurredAt: new Date(NOON + minutes * 60_000),
  ...changes,
});
const probability = (nearby: readonly ReportedIncident[], clutter: number, of = event()) =>
  associate(of, nearby, clutter).get(nearby[0]!.id)!;

describe('an official event of an area', () => {
  it('is the only incident of its kind in a quiet one, also half an hour away', () => {
    expect(probability([incident('a', 5)], 1)).toBeGreaterThan(MATCH_PROBABILITY);
    expect(probability([incident('a', 30)], 1)).toBeGreaterThan(MATCH_PROBABILITY);
  });

  it('swallows none of the many of a crowded one', () => {
    // A county's roads: forty accidents in four days, three of them within the hour.
    const nearby = [incident('a', 5), incident('b', -20), incident('c', 40)];
    for (const each of associate(event(), nearby, 40).values()) expect(each).toBeLessThan(MATCH_PROBABILITY);
    expect(probability(nearby, 40)).toBeGreaterThan(CANDIDATE_PROBABILITY);
    expect(probability([incident('a', 120)], 40)).toBeLessThan(CANDIDATE_PROBABILITY);
  });

  it('is told from others by its words', () => {
    const words = 'Lastbil och personbil har krockat på E4 vid Rotebro';
    const nearby = [
      incident('a', 5, { description: 'krock lastbil personbil E4 Rotebro' }),
      incident('b', 5),
    ];
    const found = associate(event({ description: words }), nearby, 8);
    expect(found.get('a')!).toBeGreaterThan(4 * found.get('b')!);
  });

  it('is nothing of another kind, and nothing of another time', () => {
    expect(probability([incident('a', 0, { type: 'theft' })], 1)).toBe(0);
    expect(probability([incident('a', 181)], 1)).toBe(0);
    expect(probability([incident('a', 5, { type: 'traffic_obstruction' })], 1)).toBeLessThan(
      probability([incident('a', 5)], 1),
    );
  });

  it('has no more than one whole probability to give', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -200, max: 200 }), { maxLength: 20 }),
        fc.nat(100),
        (minutes, clutter) => {
          const found = associate(
            event(),
            minutes.map((each, n) => incident(String(n), each)),
            clutter,
          );
          expect([...found.values()].reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

describe('a decision', () => {
  const pairing = (officialId: string, incidentId: string, likely: number) => ({
    officialId,
    incidentId,
    probability: likely,
  });
  const states = (...verdicts: ReturnType<typeof decide>) =>
    verdicts.map(({ officialId, incidentId, state }) => `${officialId}${incidentId} ${state}`);

  it('is a match when it is sure, a candidate when it is not, and nothing when it is unlikely', () => {
    const pairings = [pairing('A', '1', 0.9), pairing('B', '2', 0.5), pairing('B', '3', 0.1)];
    expect(states(...decide(pairings, []))).toEqual(['A1 match', 'B2 candidate']);
  });

  it('leaves an incident that two official events could be to an officer', () => {
    expect(states(...decide([pairing('A', '1', 0.9), pairing('B', '1', 0.95)], []))).toEqual([
      'A1 candidate',
      'B1 candidate',
    ]);
  });

  it('says nothing against an officer', () => {
    const pairings = [
      pairing('A', '1', 0.9),
      pairing('A', '2', 0.2),
      pairing('B', '1', 0.9),
      pairing('C', '3', 0.9),
    ];
    const matched = { officialId: 'A', incidentId: '1', state: 'match' as const };
    const rejected = { officialId: 'C', incidentId: '3', state: 'rejected' as const };
    expect(decide(pairings, [matched, rejected])).toEqual([]);
  });
});
