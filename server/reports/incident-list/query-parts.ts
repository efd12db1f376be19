import { z } from '@hono/zod-openapi';
import { INCIDENT_TYPES } from '@halo/shapes/taxonomy/incident-type.ts';
import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';
import { HaloError } from '../../platform/errors.ts';
import { degrees, instant, isPoint } from '../../platform/route-parts.ts';
import type { Box } from '../tiles.ts';

/** A box of degrees in GeoJSON's order (RFC 7946 §5): a west beyond the east reaches over the antimeridian. */
export const bbox = () =>
  degrees(4, 'west,south,east,north')
    .refine(([west, south, east, north]) => isPoint(south, west) && isPoint(north, east), {
      message: 'must be on the globe',
      abort: true,
    })
    .refine(([, south = 0, , north = 0]) => south <= north, 'must have its south below its north')
    .transform(([west = 0, south = 0, east = 0, north = 0]): Box => ({
      minLat: south,
      maxLat: north,
      minLon: west,
      maxLon: west <= east ? east : east + 360,
    }))
    .openapi({
      type: 'string',
      description: 'west,south,east,north in degrees; a west beyond the east reaches over the antimeridian',
      example: '17.9,59.2,18.2,59.4',
    });

const isType = (text: string): text is IncidentType => (INCIDENT_TYPES as readonly string[]).includes(text);

/** Types, with commas between them. */
export const types = () =>
  z
    .string()
    .transform((text) => text.split(','))
    .refine(
      (all): all is IncidentType[] => all.every(isType),
      'must be types of incidents, with commas between them',
    )
    .optional()
    .openapi({
      type: 'string',
      description: 'types, with commas between them; any of them',
      example: 'theft,burglary',
    });

/** A period in which incidents happened. */
export const period = () => ({
  from: instant('the earliest time of what happened', '2026-11-01T00:00:00Z'),
  to: instant('what happened before this time', '2026-12-01T00:00:00Z'),
});

/** @throws HaloError `invalid_request` when a period ends before it begins */
export function checkPeriod({ from, to }: { from?: Date | undefined; to?: Date | undefined }): void {
  if (from === undefined || to === undefined || from <= to) return;
  throw new HaloError('invalid_request', 'A period ends after it begins.', { status: 400, field: 'to' });
}
