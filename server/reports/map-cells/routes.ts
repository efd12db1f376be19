import { createRoute, z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { mapCellsSchema } from '@halo/shapes/protocol/map-cells.ts';
import { MAX_CELL_RESOLUTION, MIN_CELL_RESOLUTION } from '../../areas/cells.ts';
import type { CallerEnv, RequireCaller } from '../../auth/identity.ts';
import { HaloError } from '../../platform/errors.ts';
import { answers, COMMON_FAULTS, wholeNumber } from '../../platform/route-parts.ts';
import { createRouter } from '../../platform/router.ts';
import { bbox, checkPeriod, period, types } from '../incident-list/query-parts.ts';
import { NO_STORE } from '../rest-parts.ts';
import type { RestParts } from '../rest-parts.ts';
import { countPlaces } from './cell-store.ts';
import { countCells } from './count-cells.ts';

/** Most cells of one answer: more than a map can show apart. */
const MAX_CELLS = 10_000;
/** Most different public places that are counted for one answer: placing them in cells takes some 100 ms. */
const MAX_PLACES = 50_000;

const query = z.strictObject({
  bbox: bbox(),
  resolution: wholeNumber(MIN_CELL_RESOLUTION, MAX_CELL_RESOLUTION).openapi({
    type: 'integer',
    description: `of the H3 cells, ${MIN_CELL_RESOLUTION} (coarse) to ${MAX_CELL_RESOLUTION}`,
    example: 7,
  }),
  type: types(),
  ...period(),
});

/** `GET /api/v1/map/cells`. */
function mapCellsRoute(requireCaller: RequireCaller) {
  return createRoute({
    method: 'get',
    path: '/api/v1/map/cells',
    tags: ['map'],
    summary: 'How many incidents each H3 cell of a box has',
    description:
      'Of the incidents that lists show whose public place lies in the box. Public places are centres of cells of resolution 9; ' +
      'those of which only an area is known are counted by themselves, and never put at its centre.',
    security: [{ bearer: [] }],
    middleware: requireCaller(),
    request: { query },
    responses: {
      200: answers('Cells with at least one incident', mapCellsSchema, {
        resolution: 7,
        cells: [{ cell: '870886595ffffff', lat: 59.3318, lon: 18.0686, count: 4 }],
        withoutPlace: 2,
      }),
      ...COMMON_FAULTS,
    },
  });
}

/** Incidents on a map. */
export function mapCellRoutes({ pool, requireCounter }: RestParts): OpenAPIHono<CallerEnv> {
  const router = createRouter<CallerEnv>();
  router.openapi(mapCellsRoute(requireCounter), async (c) => {
    const { bbox: box, resolution, type, from, to } = c.req.valid('query');
    checkPeriod({ from, to });
    const filter = { bbox: box, types: type, from, to };
    const { places, withoutPlace } = await countPlaces(pool, filter, MAX_PLACES + 1);
    if (places.length > MAX_PLACES) throw tooMany();
    const cells = countCells(places, resolution);
    if (cells.length > MAX_CELLS) throw tooMany();
    return c.json({ resolution, cells, withoutPlace }, 200, NO_STORE);
  });
  return router;
}

function tooMany(): HaloError {
  return new HaloError('too_many_cells', 'The box has more cells than one answer holds.', {
    status: 400,
    field: 'bbox',
    hint: 'Ask for a smaller box, coarser cells or a shorter period.',
  });
}
