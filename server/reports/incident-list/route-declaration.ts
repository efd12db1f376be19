import { createRoute, z } from '@hono/zod-openapi';
import { AREA_CODE } from '@halo/shapes/protocol/areas.ts';
import { incidentListSchema, LIVE_STATUSES } from '@halo/shapes/protocol/incidents.ts';
import type { RequireCaller } from '../../auth/identity.ts';
import { answers, COMMON_FAULTS, cursor, limit, point, wholeNumber } from '../../platform/route-parts.ts';
import { EXAMPLE_INCIDENT } from '../examples.ts';
import { bbox, period, types } from './query-parts.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
/** Metres. */
const MIN_RADIUS_M = 100;
const MAX_RADIUS_M = 100_000;

/** Strict: a filter that is spelt wrongly would let everything through. */
const query = z.strictObject({
  bbox: bbox().optional(),
  near: point().optional().openapi({
    type: 'string',
    description: 'lat,lon in degrees, with `radius`: what is at most so far away',
    example: '59.3326,18.0649',
  }),
  radius: wholeNumber(MIN_RADIUS_M, MAX_RADIUS_M)
    .optional()
    .openapi({
      type: 'integer',
      description: `metres around \`near\`, ${MIN_RADIUS_M} to ${MAX_RADIUS_M}, along a great circle`,
      example: 2000,
    }),
  area: z
    .string()
    .regex(AREA_CODE, 'must be 2 to 32 letters, digits and dashes')
    .optional()
    .openapi({ description: 'code of a county, municipality or district', example: '0180' }),
  type: types(),
  severity: wholeNumber(1, 5)
    .optional()
    .openapi({ type: 'integer', description: 'at least this severe, 1 to 5', example: 2 }),
  status: z.enum(LIVE_STATUSES).optional().openapi({ example: 'open' }),
  verified: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .openapi({
      type: 'boolean',
      description: 'only what an official source or an officer has verified; or only the others',
      example: false,
    }),
  ...period(),
  cursor: cursor(),
  limit: limit(DEFAULT_LIMIT, MAX_LIMIT),
});

/** What a caller asks of the list, checked. */
export type IncidentsQuery = z.infer<typeof query>;

/** `GET /api/v1/incidents`. */
export function incidentsRoute(requireCaller: RequireCaller) {
  return createRoute({
    method: 'get',
    path: '/api/v1/incidents',
    tags: ['incidents'],
    summary: 'Find incidents by place, time, type and state',
    description:
      'All conditions that are given hold; the newest comes first. What was merged into another incident, what an official source ' +
      'told of that is the same as another incident, and what no report is left of is not listed. Places are the public ones. ' +
      'What comes while pages are read changes nothing on those to come.',
    security: [{ bearer: [] }],
    middleware: requireCaller(),
    request: { query },
    responses: {
      200: answers('Incidents, newest first', incidentListSchema, {
        incidents: [{ ...EXAMPLE_INCIDENT, distanceM: 68.1 }],
        nextCursor: null,
      }),
      ...COMMON_FAULTS,
    },
  });
}
