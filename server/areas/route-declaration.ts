import { createRoute, z } from '@hono/zod-openapi';
import { areas } from '@halo/shapes/catalog/areas.ts';
import { AREA_CODE, areaDetailSchema, areaListSchema } from '@halo/shapes/protocol/areas.ts';
import { AREA_KINDS } from '@halo/shapes/taxonomy/states.ts';
import type { RequireCaller } from '../auth/identity.ts';
import { problem } from '../platform/route-parts.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1_000;
const CODE_FORM = 'must be 2 to 32 letters, digits and dashes';

const FAULTS = {
  400: problem('A parameter is wrong'),
  401: problem('No token, or one that has expired'),
  403: problem('The role may not read areas'),
};

const code = z.string().regex(AREA_CODE, CODE_FORM);
const text = z.string().trim().min(1, 'must not be empty').max(120, 'must have at most 120 characters');
const degrees = (max: number) =>
  z
    .string()
    .regex(/^-?\d{1,3}(\.\d{1,17})?$/, 'must be a number of degrees')
    .transform(Number)
    .refine((value) => Math.abs(value) <= max, `must be from -${max} to ${max}`);

/** Strict: a filter that is spelt wrongly would let everything through. */
const query = z.strictObject({
  kind: z.enum(AREA_KINDS).optional().openapi({ example: 'municipality' }),
  parent: code.optional().openapi({ description: 'code of the area above', example: '01' }),
  name: text.optional().openapi({
    description: 'the whole name, whatever the case; counties with or without "län"',
    example: 'upplands väsby',
  }),
  q: text.optional().openapi({ description: 'a part of the name, whatever the case', example: 'väsby' }),
  lat: degrees(90).optional().openapi({
    type: 'number',
    description: 'with `lon`: only the areas that hold this point (WGS84)',
    example: 59.3326,
  }),
  lon: degrees(180).optional().openapi({ type: 'number', example: 18.0649 }),
  cursor: code.optional().openapi({ description: '`nextCursor` of the answer before' }),
  limit: z
    .string()
    .regex(/^\d{1,4}$/, 'must be a number')
    .transform(Number)
    .refine((value) => value >= 1 && value <= MAX_LIMIT, `must be from 1 to ${MAX_LIMIT}`)
    .default(DEFAULT_LIMIT)
    .openapi({ type: 'integer', description: `at most so many areas, 1 to ${MAX_LIMIT}`, example: 100 }),
});

/** What a caller asks of the list, checked. */
export type AreasQuery = z.infer<typeof query>;

const STOCKHOLM = {
  code: '0180',
  kind: 'municipality' as const,
  name: 'Stockholm',
  parentCode: '01',
  lat: 59.3197,
  lon: 18.0002,
};

/** `GET /api/v1/areas`. */
export function areasRoute(requireCaller: RequireCaller) {
  return createRoute({
    method: 'get',
    path: '/api/v1/areas',
    tags: ['areas'],
    summary: 'Find areas by kind, name, or a point',
    description:
      'All conditions that are given hold. With a point, `areaBasis` says whether outlines hold it (`polygon`) or the ' +
      'nearest centre told the municipality (`nearest_centre`).',
    security: [{ bearer: [] }],
    middleware: requireCaller(areas.readers),
    request: { query },
    responses: {
      200: {
        description: 'Areas in the order of their codes',
        content: {
          'application/json': {
            schema: areaListSchema,
            example: { areas: [STOCKHOLM], areaBasis: null, nextCursor: null },
          },
        },
      },
      ...FAULTS,
    },
  });
}

/** `GET /api/v1/areas/{code}`. */
export function areaRoute(requireCaller: RequireCaller) {
  const ring: [number, number][] = [
    [17.9, 59.3],
    [18.1, 59.3],
    [18.1, 59.4],
    [17.9, 59.3],
  ];
  return createRoute({
    method: 'get',
    path: '/api/v1/areas/{code}',
    tags: ['areas'],
    summary: 'One area',
    security: [{ bearer: [] }],
    middleware: requireCaller(areas.readers),
    request: {
      params: z.object({ code: code.openapi({ example: '0180' }) }),
      query: z.strictObject({
        geometry: z
          .enum(['true', 'false'])
          .default('false')
          .openapi({ description: 'with its outline as GeoJSON, from the files of `HALO_AREAS`' }),
      }),
    },
    responses: {
      200: {
        description: 'The area',
        content: {
          'application/json': {
            schema: areaDetailSchema,
            example: { ...STOCKHOLM, geometry: { type: 'Polygon' as const, coordinates: [ring] } },
          },
        },
      },
      ...FAULTS,
      404: problem('There is no such area'),
    },
  });
}
