import { INCIDENT_TYPES } from '@halo/shapes/taxonomy/incident-type.ts';
import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';

/**
 * Types that mostly become known because somebody was there to look: more patrols find more of them, and a forecast that
 * learnt from them would send more patrols. None of them is ever learnt from.
 */
export const PATROL_GENERATED: ReadonlySet<IncidentType> = new Set([
  'drugs',
  'weapons',
  'traffic_offence',
  'disorder',
  'found_property',
]);

/** What is forecast, and the types that each category counts. */
export const CATEGORIES: Readonly<Record<string, readonly IncidentType[]>> = {
  all: INCIDENT_TYPES.filter((type) => !PATROL_GENERATED.has(type)),
  burglary: ['burglary'],
  theft: ['theft'],
  vehicle_theft: ['vehicle_theft'],
  violence: ['assault', 'robbery', 'homicide', 'shooting', 'sexual_offence', 'threat'],
  vandalism: ['vandalism', 'arson'],
  traffic: ['traffic_accident', 'traffic_obstruction'],
  fire: ['fire', 'explosion'],
};
