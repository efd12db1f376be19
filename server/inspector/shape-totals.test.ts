import { expect, it } from 'vitest';
import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
import type { ShapeDefinition } from '@halo/shapes/catalog/shape.ts';
import type { ShapeViewStatus } from '../shape-engine/shape-engine.ts';
import { shapeTotals } from './shape-totals.ts';

const NOW_MS = 50_000;
const [incidents, reports] = [CATALOG.get('incidents')!, CATALOG.get('my_reports')!];

function view(definition: ShapeDefinition, params: readonly string[], given: Partial<ShapeViewStatus> = {}) {
  const { table, where, columns } = definition;
  const status: ShapeViewStatus = {
    source: {
      ...{ schema: 'public', table, where, columns: columns.map(({ name }) => name), params },
      replica: 'default',
    },
    ...{ hash: `h-${params.join('-')}`, waiting: 1, snapshot: null, snapshotsMade: 1, snapshotMs: 20 },
    ...{ messages: 3, messageBytes: 300, tailBytes: 30, changedAt: 0n, lastUsedMs: NOW_MS - 100, ...given },
  };
  return status;
}
const totalsOf = (
  views: readonly ShapeViewStatus[],
  age: (lsn: bigint) => number | undefined = () => undefined,
) => shapeTotals({ catalog: CATALOG, views, age, nowMs: NOW_MS });

it('adds up the views of a shape, and asks when the one that changed last did', () => {
  const snapshot = { messages: 10, bytes: 1_000, madeAtMs: NOW_MS - 5_000 };
  const ages = new Map([
    [99n, 4_000],
    [199n, 700],
  ]);
  const { shapes } = totalsOf(
    [
      view(incidents, ['01'], { snapshot, changedAt: 100n }),
      view(incidents, ['12'], { snapshot, changedAt: 200n, waiting: 4 }),
      view(incidents, ['14'], { changedAt: 300n }),
      view(reports, ['u']),
    ],
    (lsn) => ages.get(lsn),
  );
  expect(shapes).toEqual([
    {
      ...{ name: 'incidents', views: 3, waiting: 6, snapshots: 2, snapshotRows: 20, snapshotBytes: 2_000 },
      ...{ tailBytes: 90, messages: 9, messageBytes: 900, snapshotsMade: 3, snapshotMs: 60, changeAge: 700 },
    },
    expect.objectContaining({ name: 'my_reports', views: 1, snapshots: 0, changeAge: null }),
  ]);
});

it('tells of the five views of each shape that most wait for', () => {
  const waiting = [3, 9, 1, 7, 5, 8, 2];
  const { views } = totalsOf([
    ...waiting.map((count, n) => view(incidents, [String(n)], { waiting: count })),
    view(reports, ['u']),
  ]);
  const of = (name: string) => views.filter((each) => each.name === name).map((each) => each.waiting);
  expect(of('incidents')).toEqual([9, 8, 7, 5, 3]);
  expect(of('my_reports')).toEqual([1]);
});

it('names no person whose view it is, and tells ages from now', () => {
  const snapshot = { messages: 10, bytes: 1_000, madeAtMs: NOW_MS - 5_000 };
  const { views } = totalsOf([view(incidents, ['01'], { snapshot }), view(reports, ['a-person'])]);
  expect(views[0]).toMatchObject({ params: ['01'], snapshotRows: 10, snapshotAge: 5_000, usedAge: 100 });
  expect(views[1]).toMatchObject({ name: 'my_reports', params: [], snapshotRows: null, snapshotAge: null });
});

it('leaves out what is no shape of the catalogue', () => {
  const other = view(incidents, ['01']);
  const { shapes, views } = totalsOf([{ ...other, source: { ...other.source, columns: ['id'] } }]);
  expect([shapes, views]).toEqual([[], []]);
});
