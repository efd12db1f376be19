import { z } from 'zod';

/**
 * The one taxonomy of incident types. The Postgres enumeration `incident_type` holds the same list in the same order (a
 * test compares them).
 */
export const INCIDENT_TYPES = [
  'theft',
  'burglary',
  'vehicle_theft',
  'robbery',
  'assault',
  'homicide',
  'shooting',
  'explosion',
  'sexual_offence',
  'threat',
  'weapons',
  'drugs',
  'fraud',
  'vandalism',
  'arson',
  'fire',
  'traffic_accident',
  'traffic_offence',
  'traffic_obstruction',
  'disorder',
  'trespass',
  'missing_person',
  'death',
  'injury',
  'hazard',
  'alarm',
  'rescue',
  'animal',
  'environment',
  'found_property',
  'other',
] as const;

export type IncidentType = (typeof INCIDENT_TYPES)[number];

/** Checks that a value is one of the taxonomy's types. */
export const incidentTypeSchema = z.enum(INCIDENT_TYPES);
