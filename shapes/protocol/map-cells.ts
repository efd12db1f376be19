import { z } from 'zod';

const count = z.number().int().nonnegative();

/** Answer of `GET /api/v1/map/cells`. */
export const mapCellsSchema = z.object({
  resolution: z.number().int(),
  /** H3 cells that incidents lie in by their public places, in the order of their names; lat and lon are the cell's centre. */
  cells: z.array(z.object({ cell: z.string(), lat: z.number(), lon: z.number(), count: count.positive() })),
  /** Incidents in the box of which only an area is known: they are in no cell. */
  withoutPlace: count,
});

export type MapCells = z.infer<typeof mapCellsSchema>;
