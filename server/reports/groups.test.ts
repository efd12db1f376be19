import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupArrivals, groupReports } from './groups.ts';
import { MAX_EXTENT_M } from './group-extent.ts';
import { staysHeld } from './held.ts';
import { linked } from './linking.ts';

const NOON = Date.UTC(2026, 10, 25, 12);

/** A report so many metres north of a place, and minutes after noon. */
const report = (
  id: string,
  metres: number,
  changes: {
    minutes?: number;
    incidentId?: string;
    pin?: string;
    register?: string;
    type?: 'theft' | 'robbery' | 'assault';
    held?: string;
    forgotten?: boolean;
  } = {},
) => ({
  id,
  type: changes.type ?? ('theft' as const),
  occurredAt: new Date(NOON + (changes.minutes ?? 0) * 60_000),
  incidentId: changes.incidentId ?? null,
  pin: changes.pin ?? null,
  register: changes.register ?? null,
  held: changes.held ?? null,
  forgotten: changes.forgotten ?? false,
  description: '',
  place: {
    lat: 59.33 + metres / 111_195,
    lon: 18.07,
    precision: 'point' as const,
    accuracyM: 10,
    region: null,
    municipality: null,
    district: null,
    areaBasis: null,
  },
});

/** Reports in one street, and how often any of them was looked at to compare it. */
function crowd(size: number, spreadM: number) {
  const looks = { count: 0 };
  const reports = Array.from({ length: size }, (_, n) => {
    const one = report(String(n).padStart(6, '0'), (n * 37) % spreadM, {
      minutes: n % 60,
      incidentId: 'x',
    });
    return Object.defineProperty(one, 'register', {
      get: () => {
        looks.count += 1;
        return null;
      },
    });
  });
  return { looks, reports };
}

const idsOf = (groups: readonly { members: readonly { id: string }[] }[]) =>
  groups.map(({ members }) => members.map(({ id }) => id).join('')).toSorted();

describe('thousands of reports', () => {
  it('in one place are one incident without comparing each with each', () => {
    const { looks, reports } = crowd(3_000, 900);
    expect(groupReports(reports)).toMatchObject([{ contested: false, members: { length: 3_000 } }]);
    expect(looks.count).toBeLessThan(3_000 * 100);
  });

  it('that are too long for one incident stay where they are, and what is new is compared with them', () => {
    const { looks, reports } = crowd(3_000, 900);
    const far = reports.map((one) => ({
      ...one,
      id: `f${one.id}`,
      incidentId: 'z',
      place: report('', 1_500).place,
    }));
    const bridge = [
      report('new 1', 1_000),
      report('new 2', 1_100),
      report('new 3', 1_200),
      report('new 4', 1_300),
      report('new 5', 1_400),
    ];
    looks.count = 0;
    const groups = groupReports([...reports, ...far, ...bridge]);
    expect(groups.every(({ contested }) => contested)).toBe(true);
    const sizes = groups.map(({ members }) => members.length).toSorted((a, b) => b - a);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(6_005);
    expect(sizes).toEqual([3_005, 3_000]);
    expect(looks.count).toBeLessThan(3_000 * 500);
  });
});

describe('a chain of reports', () => {
  it('is one incident while it fits into one', () => {
    const groups = groupReports([report('a', 0), report('b', 60), report('c', 120)]);
    expect(idsOf(groups)).toEqual(['abc']);
    expect(groups[0]?.contested).toBe(false);
  });

  it('is cut where it is longer than an incident may be, at its weakest link', () => {
    const chain = Array.from({ length: 20 }, (_, n) =>
      report(String.fromCharCode(97 + n), n * 60 + (n >= 9 ? 20 : 0)),
    );
    const groups = groupReports(chain);
    expect(idsOf(groups)).toEqual(['abcdefghi', 'jklmnopqrst']);
    expect(groups.every(({ contested }) => contested)).toBe(true);
  });

  it('is cut where two of its types exclude each other', () => {
    const [theft, robbery, assault] = [
      report('a', 0),
      report('b', 0, { type: 'robbery' }),
      report('c', 1, { type: 'assault' }),
    ];
    expect([linked(theft, robbery), linked(robbery, assault), linked(theft, assault)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(idsOf(groupReports([theft, robbery, assault]))).toEqual(['ab', 'c']);
  });

  it('is no wider than an incident may be, however many reports there are', () => {
    const metres = fc.array(fc.integer({ min: 0, max: 2_500 }), { minLength: 30, maxLength: 60 });
    let cuts = 0;
    fc.assert(
      fc.property(metres, (drawn) => {
        const reports = drawn.map((each, n) => report(String(n).padStart(3, '0'), each));
        for (const { members, contested } of groupReports(reports)) {
          const lats = members.map(({ place }) => place.lat);
          expect((Math.max(...lats) - Math.min(...lats)) * 111_195).toBeLessThanOrEqual(MAX_EXTENT_M + 1e-6);
          if (contested) cuts += 1;
        }
      }),
    );
    expect(cuts).toBeGreaterThan(10);
  });
});

describe('entries of one register', () => {
  it('are events of their own, and one that a person tells of goes to the likelier', () => {
    const [one, other] = [report('a', 0, { register: 'city' }), report('b', 60, { register: 'city' })];
    expect(linked(one, other)).toBe(false);
    expect(linked(one, { ...other, register: 'county' })).toBe(true);
    expect(linked(one, { ...other, register: null })).toBe(true);
    expect(idsOf(groupReports([one, other]))).toEqual(['a', 'b']);
    const groups = groupReports([one, other, report('c', 50)]);
    expect(idsOf(groups)).toEqual(['a', 'bc']);
    expect(groups.every(({ contested }) => contested)).toBe(true);
  });

  it('are one incident where officers say so', () => {
    const pinned = [0, 60].map((metres) => report(`r${metres}`, metres, { register: 'city', pin: 'p' }));
    expect(idsOf(groupReports(pinned))).toEqual(['r0r60']);
  });

  it('come to what was there as they come to each other', () => {
    const there = [
      report('u', 30, { incidentId: 'one' }),
      report('x', 60, { incidentId: 'one', register: 'city' }),
    ];
    const groups = groupArrivals(
      [report('y', 0, { register: 'city' })],
      () => new Set(['one']),
      there,
      new Set(),
    );
    expect(idsOf(groups)).toEqual(idsOf(groupReports([...there, report('y', 0, { register: 'city' })])));
    expect(groups).toHaveLength(2);
  });
});

describe('what officers have pinned', () => {
  it('is one incident though it links with nothing, and two though it does', () => {
    const together = [report('a', 0, { pin: 'p' }), report('b', 3_000, { pin: 'p' })];
    const apart = [report('c', 10_000, { pin: 'q' }), report('d', 10_010, { pin: 'r' })];
    const groups = groupReports([...together, ...apart]);
    expect(idsOf(groups)).toEqual(['ab', 'c', 'd']);
    expect(groups.map(({ contested }) => contested)).toEqual([false, true, true]);
  });

  it('takes in what belongs to it, though it is wider than the machine makes any', () => {
    const pinned = [report('a', 0, { pin: 'p' }), report('b', 3_000, { pin: 'p' })];
    expect(idsOf(groupReports([...pinned, report('c', 3_010)]))).toEqual(['abc']);
    // But no more than fits into an incident of its own.
    expect(idsOf(groupReports([...pinned, report('c', 3_000), report('d', 1)]))).toEqual(['abc', 'd']);
  });

  it('is not bridged by a later report, which goes where it belongs more surely', () => {
    const reports = [report('a', 0, { pin: 'q' }), report('b', 60, { pin: 'r' }), report('c', 50)];
    expect(idsOf(groupReports(reports))).toEqual(['a', 'bc']);
  });
});

describe('arriving reports', () => {
  const none = new Set<string>();

  it('are not taken into an incident whose id they were given', () => {
    const incidentId = '019ab000-0000-7000-8000-000000000001';
    const member = report('019ab000-0000-7000-8000-000000000000', 0, { incidentId });
    const near = report('019ab000-0000-7000-8000-000000000002', 0);
    const far = report(incidentId, 90_000);
    const reached = (id: string) => new Set(id === near.id ? [incidentId] : []);
    expect(groupArrivals([near, far], reached, [member], none).map(({ members }) => members)).toEqual([
      [member, near],
      [far],
    ]);
  });

  it('make the groups that all the reports make together, also where a chain becomes too long', () => {
    const before = [0, 100, 200, 300, 400].map((metres, n) => report(`b${n}`, metres, { incidentId: 'one' }));
    const after = [500, 600, 700, 800, 900, 1_000, 1_100].map((metres, n) => report(`c${n}`, metres));
    const reached = (id: string) => new Set(id === 'c0' ? ['one'] : []);
    const groups = groupArrivals(after, reached, before, none);
    expect(groups).toEqual(groupReports([...before, ...after]));
    expect(groups.length).toBeGreaterThan(1);
  });
});

describe('what is held together because one of it was forgotten', () => {
  it('invariant 9: is one incident in whatever order, takes up no room where it was forgotten, and links no stranger', () => {
    const held = { held: 'x', incidentId: 'i' };
    const [a, b] = [report('a', 0, held), report('b', 900, { ...held, minutes: 90 })];
    const gone = report('g', 1_300, { ...held, forgotten: true });
    const stranger = report('s', 1_300);
    const all = [a, b, gone, stranger];
    expect(idsOf(groupReports(all))).toEqual(['abg', 's']);
    expect(idsOf(groupReports(all.toReversed()))).toEqual(['abg', 's']);
    const late = report('z', 10);
    expect(idsOf(groupReports([...all, late]))).toEqual(['abgz', 's']);
    const arrived = groupArrivals([late], () => new Set(['i']), [a, b, gone], new Set());
    expect(idsOf(arrived)).toEqual(['abgz']);
    // What was cut from them stays cut, and officers part them.
    const [beyond, parted] = [report('y', 1_000, { minutes: 90 }), report('b', 0, { ...held, pin: 'p' })];
    expect(idsOf(groupReports([...all, beyond]))).toEqual(['abg', 's', 'y']);
    expect(idsOf(groupReports([report('a', 0, { ...held, pin: 'q' }), parted]))).toEqual(['a', 'b']);
  });
});

describe('a report that is held and revised', () => {
  const held = report('a', 0, { held: 'x' });
  const others = [report('b', 900, { held: 'x' }), report('g', 5_000, { held: 'x', forgotten: true })];
  it('stays while it tells of the same event, and fits with the others', () => {
    expect(staysHeld(held, report('a', 20), others)).toBe(true);
    expect(staysHeld(held, report('a', 20, { minutes: 10 }), others)).toBe(true);
    expect(staysHeld(held, report('a', 600), others)).toBe(false);
    expect(staysHeld(held, report('a', 0, { type: 'assault' }), others)).toBe(false);
    expect(staysHeld(report('a', -80), report('a', -120), others)).toBe(false);
  });
});
