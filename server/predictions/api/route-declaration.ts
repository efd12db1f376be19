import { createRoute, z } from '@hono/zod-openapi';
import { AREA_CODE } from '@halo/shapes/protocol/areas.ts';
import { championsSchema, hotspotsSchema, predictionStatsSchema } from '@halo/shapes/protocol/predictions.ts';
import { RISK_CATEGORIES } from '@halo/shapes/taxonomy/risk-categories.ts';
import type { RequireCaller } from '../../auth/identity.ts';
import { answers, COMMON_FAULTS, instant, limit, point, wholeNumber } from '../../platform/route-parts.ts';
import { WINDOWS_AHEAD } from '../forecast.ts';
import {
  EXAMPLE_BASELINE,
  EXAMPLE_HOTSPOT,
  EXAMPLE_MODEL,
  EXAMPLE_SCORES,
  EXAMPLE_TIMES,
} from './examples.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
/** Metres. */
const MIN_RADIUS_M = 100;
const MAX_RADIUS_M = 100_000;

const area = (what: string, example: string) =>
  z
    .string()
    .regex(AREA_CODE, 'must be 2 to 32 letters, digits and dashes')
    .optional()
    .openapi({ description: what, example });
const category = z
  .enum(RISK_CATEGORIES)
  .default('all')
  .openapi({ description: 'what is forecast: all types together, or a group of them', example: 'all' });

/** Strict: a filter that is spelt wrongly would let everything through. */
const query = z.strictObject({
  near: point().optional().openapi({
    type: 'string',
    description:
      'lat,lon in degrees, with `radius`: places whose centre is at most so far away, and of municipalities the one it lies in, or is taken to lie in',
    example: '59.3326,18.0649',
  }),
  radius: wholeNumber(MIN_RADIUS_M, MAX_RADIUS_M)
    .optional()
    .openapi({
      type: 'integer',
      description: `metres around \`near\`, ${MIN_RADIUS_M} to ${MAX_RADIUS_M}, along a great circle`,
      example: 2000,
    }),
  area: area('code of a county, municipality or district that holds the place', '0180'),
  category,
  at: instant('the window that holds this time; without it, the one under way', EXAMPLE_TIMES.at),
  window: wholeNumber(0, WINDOWS_AHEAD - 1)
    .optional()
    .openapi({ type: 'integer', description: 'so many windows after that one', example: 0 }),
  kind: z.enum(['cell', 'municipality']).optional().openapi({
    description: 'without it cells, and municipalities where no cell is found',
    example: 'cell',
  }),
  min_risk: wholeNumber(1, 5)
    .default(1)
    .openapi({ type: 'integer', description: 'at least this band, 1 to 5', example: 1 }),
  limit: limit(DEFAULT_LIMIT, MAX_LIMIT),
  geometry: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .openapi({ type: 'boolean', description: "with each place's outline as GeoJSON", example: false }),
});

/** What a caller asks of the list, checked. */
export type HotspotsQuery = z.infer<typeof query>;

const common = (requireCaller: RequireCaller) => ({
  method: 'get' as const,
  tags: ['predictions'],
  security: [{ bearer: [] }],
  middleware: requireCaller(),
});

/** `GET /api/v1/predictions/hotspots`. */
export function hotspotsRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    path: '/api/v1/predictions/hotspots',
    summary: 'Where most is expected in a window of six hours',
    description:
      'All conditions that are given hold; the highest expected count comes first. Bands compare with the mean of the county, over all windows ahead and places of the kind; ' +
      'the expected count itself is beside it. What is past its `validUntil` is marked `stale`. A place where the baseline speaks ' +
      'says so (`modelKind`).',
    request: { query },
    responses: {
      200: answers('Places of one window', hotspotsSchema, {
        category: 'all',
        window: { start: EXAMPLE_TIMES.start, end: EXAMPLE_TIMES.end },
        computedAt: EXAMPLE_TIMES.computedAt,
        validUntil: EXAMPLE_TIMES.end,
        stale: false,
        hotspots: [EXAMPLE_HOTSPOT],
      }),
      ...COMMON_FAULTS,
    },
  });
}

const statsQuery = z.strictObject({ category, area: area('code of a county', '01') });

/** `GET /api/v1/predictions/stats`, and the name that the earlier system had for it. */
export function statsRoute(
  requireCaller: RequireCaller,
  path: '/api/v1/predictions/stats' | '/api/v1/predictions/hotspots/stats',
) {
  return createRoute({
    ...common(requireCaller),
    path,
    deprecated: path !== '/api/v1/predictions/stats',
    summary: 'What the predictions of the windows ahead add up to',
    description: 'Counted from the rows that are kept: of each county and category at most 500 cells.',
    request: { query: statsQuery },
    responses: {
      200: answers('Counted at this moment', predictionStatsSchema, {
        category: 'all',
        computedAt: EXAMPLE_TIMES.computedAt,
        cutOff: EXAMPLE_TIMES.cutOff,
        stale: false,
        places: [
          {
            placeKind: 'cell-9',
            places: 2,
            rows: 56,
            staleRows: 0,
            expected: 3.2,
            highest: 0.31,
            byBand: { 1: 20, 2: 20, 3: 10, 4: 6, 5: 0 },
          },
        ],
      }),
      ...COMMON_FAULTS,
    },
  });
}

/** `GET /api/v1/predictions/model`. */
export function championsRoute(requireCaller: RequireCaller) {
  return createRoute({
    ...common(requireCaller),
    path: '/api/v1/predictions/model',
    summary: 'Which model speaks for each series, and how good it proved',
    description:
      'With the test over rolling weeks that the gate went by, the baseline beside it, and what became of the model that was trained ' +
      'last. Every number was computed in that test.',
    request: { query: z.strictObject({}) },
    responses: {
      200: answers('Each series that is forecast', championsSchema, {
        series: [
          {
            placeKind: 'cell-9',
            category: 'all',
            champion: EXAMPLE_MODEL,
            since: EXAMPLE_TIMES.computedAt,
            pinned: false,
            cause: 'gate',
            baseline: EXAMPLE_SCORES,
            latest: EXAMPLE_MODEL,
          },
          {
            placeKind: 'municipality',
            category: 'fire',
            champion: EXAMPLE_BASELINE,
            since: EXAMPLE_TIMES.computedAt,
            pinned: false,
            cause: 'first',
            baseline: null,
            latest: null,
          },
        ],
      }),
      ...COMMON_FAULTS,
    },
  });
}
