import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';

/** Types that are reported most often: always in the same places, so that the thumb learns them. */
export const QUICK_TYPES: readonly IncidentType[] = [
  'theft',
  'traffic_accident',
  'fire',
  'disorder',
  'vandalism',
  'hazard',
];
