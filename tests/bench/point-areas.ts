import type { Gazetteer } from '../../server/areas/area.ts';
import { createGazetteer } from '../../server/areas/gazetteer.ts';
import { importAreas } from '../../server/areas/import/import-areas.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { seededRandom } from '../../server/platform/seeded-random.ts';
import { hasSharedData, sharedPath } from '../support/shared-data.ts';
import type { Figure } from './read-bench.ts';

const POINTS = 500_000;
const WARM_UP_POINTS = 50_000;
const SEED = 20_261_127;
const GOAL = '≥ 200000';
const OUTLINES = [
  'sweden-counties-scb',
  'sweden-municipalities',
  'stockholm-stadsdelar',
  'malmo-delomraden',
].map((name) => ['data', 'areas', `${name}.geojson`] as const);

/** Where points are taken from: south, north, west, east. */
type Field = readonly [south: number, north: number, west: number, east: number];
/** Less than half of it lies in outlines, the rest is sea and other countries: there the nearest centre is asked as well. */
const SWEDEN: Field = [55.3, 69.1, 11, 24.2];
/** All of it lies in a municipality's outline, and much in a district's. */
const STOCKHOLM: Field = [59.23, 59.43, 17.8, 18.2];

/** Points placed in county, municipality and district by one thread, with outlines and without. */
export function pointAreas(): readonly Figure[] {
  const builtIn = createGazetteer();
  const figures = [
    {
      name: 'all Sweden, by the nearest centre',
      value: pointsASecond(builtIn, SWEDEN),
      unit: 'points/s',
      goal: GOAL,
    },
  ];
  if (!OUTLINES.every((path) => hasSharedData(...path))) return figures;
  const startedAt = performance.now();
  const outlined = createGazetteer(
    importAreas(
      OUTLINES.map((path) => sharedPath(...path)),
      createLogger('warn'),
    ),
  );
  const readMs = performance.now() - startedAt;
  return [
    {
      name: 'all Sweden, 564 outlines',
      value: pointsASecond(outlined, SWEDEN),
      unit: 'points/s',
      goal: GOAL,
    },
    {
      name: 'Stockholm, 564 outlines',
      value: pointsASecond(outlined, STOCKHOLM),
      unit: 'points/s',
      goal: GOAL,
    },
    ...figures,
    { name: 'four files read and indexed', value: readMs, unit: 'ms' },
  ];
}

function pointsASecond(gazetteer: Gazetteer, [south, north, west, east]: Field): number {
  const random = seededRandom(SEED);
  const points = Float64Array.from({ length: 2 * POINTS }, (_, at) =>
    at % 2 === 0 ? south + (north - south) * random() : west + (east - west) * random(),
  );
  place(gazetteer, points.subarray(0, 2 * WARM_UP_POINTS));
  const startedAt = performance.now();
  place(gazetteer, points);
  return POINTS / ((performance.now() - startedAt) / 1_000);
}

function place(gazetteer: Gazetteer, points: Float64Array): void {
  let placed = 0;
  for (let at = 0; at < points.length; at += 2)
    if (gazetteer.areasOfPoint(points[at]!, points[at + 1]!) !== undefined) placed += 1;
  // What nobody looks at may be optimised away.
  if (placed === 0) throw new Error('no point lies in an area');
}
