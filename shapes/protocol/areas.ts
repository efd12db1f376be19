import { z } from 'zod';
import { AREA_BASES, AREA_KINDS } from '../taxonomy/states.ts';

/** What the code of an area looks like. */
export const AREA_CODE = /^[0-9A-Za-z-]{2,32}$/;

/** An area as `GET /api/v1/areas` tells it; `lat` and `lon` are its centre in WGS84 degrees. */
export const areaSchema = z.object({
  code: z.string(),
  kind: z.enum(AREA_KINDS),
  name: z.string(),
  parentCode: z.string().nullable(),
  lat: z.number(),
  lon: z.number(),
});

/** Answer of `GET /api/v1/areas`. */
export const areaListSchema = z.object({
  /** In the order of their codes. */
  areas: z.array(areaSchema),
  /** How the areas of a point were found; null where no point was asked for, or it lies in none. */
  areaBasis: z.enum(AREA_BASES).nullable(),
  /** To be given as `cursor` for what comes after these; null at the end. */
  nextCursor: z.string().nullable(),
});

const positions = z.array(z.tuple([z.number(), z.number()]));

/** Answer of `GET /api/v1/areas/{code}`; `geometry` is there when it was asked for, and null where no outline is known. */
export const areaDetailSchema = areaSchema.extend({
  geometry: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('Polygon'), coordinates: z.array(positions) }),
      z.object({ type: z.literal('MultiPolygon'), coordinates: z.array(z.array(positions)) }),
    ])
    .nullable()
    .optional(),
});

export type AreaAnswer = z.infer<typeof areaSchema>;
export type AreaList = z.infer<typeof areaListSchema>;
export type AreaDetail = z.infer<typeof areaDetailSchema>;
