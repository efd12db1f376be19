import { expect, it } from 'vitest';
import { mergePairings } from './merged-pairings.ts';
import type { KeptPairing } from './merged-pairings.ts';

const pairing = (
  officialId: string,
  incidentId: string,
  state: KeptPairing['state'],
  by: 'officer' | 'machine' = 'machine',
  minute = 0,
): KeptPairing => ({
  officialId,
  incidentId,
  state,
  probability: 0.9,
  decidedBy: null,
  byOfficer: by === 'officer',
  decidedAt: new Date(Date.UTC(2026, 10, 25, 12, minute)),
});
/** `b` has merged into `a`, and the official event `y` into `x`. */
const INTO = new Map([
  ['b', 'a'],
  ['y', 'x'],
]);
const merged = (...pairings: KeptPairing[]) =>
  mergePairings(pairings, INTO)
    .map(
      ({ officialId, incidentId, state, byOfficer }) =>
        `${officialId}${incidentId} ${state}${byOfficer ? '!' : ''}`,
    )
    .toSorted();

it('goes by the survivor on either side', () => {
  expect(merged(pairing('x', 'b', 'match'), pairing('y', 'c', 'candidate'))).toEqual([
    'xa match',
    'xc candidate',
  ]);
});

it('lets an officer’s word stand over the machine’s of the same pair, whichever side had it', () => {
  const [no, yes] = [pairing('x', 'a', 'rejected', 'officer'), pairing('x', 'b', 'match')];
  expect(merged(no, yes)).toEqual(['xa rejected!']);
  expect(merged(yes, no)).toEqual(['xa rejected!']);
  expect(merged(pairing('x', 'b', 'rejected', 'officer'), pairing('x', 'a', 'match'))).toEqual([
    'xa rejected!',
  ]);
});

it('leaves the machine no match beside an officer’s', () => {
  expect(merged(pairing('x', 'a', 'match'), pairing('z', 'b', 'match', 'officer'))).toEqual(['za match!']);
  expect(merged(pairing('x', 'c', 'match'), pairing('y', 'd', 'match', 'officer'))).toEqual(['xd match!']);
});

it('goes by the newer of two officers, and keeps two events that they hold for one incident', () => {
  expect(
    merged(pairing('x', 'a', 'match', 'officer', 1), pairing('x', 'b', 'rejected', 'officer', 2)),
  ).toEqual(['xa rejected!']);
  expect(merged(pairing('x', 'a', 'match', 'officer', 1), pairing('z', 'b', 'match', 'officer', 2))).toEqual([
    'xa match!',
    'za match!',
  ]);
  expect(merged(pairing('x', 'c', 'match', 'officer', 1), pairing('y', 'd', 'match', 'officer', 2))).toEqual([
    'xd match!',
  ]);
});

it('matches one event with one incident, and nothing with itself', () => {
  expect(merged(pairing('x', 'c', 'match'), pairing('y', 'd', 'match'))).toEqual([
    'xc match',
    'xd candidate',
  ]);
  expect(mergePairings([pairing('b', 'a', 'match')], INTO)).toEqual([]);
});
