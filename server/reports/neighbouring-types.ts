import { INCIDENT_TYPES } from '@halo/shapes/taxonomy/incident-type.ts';
import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';

/**
 * Types that two people may give to one event, because they saw another part of it, or took it for something else. All
 * others exclude each other: reports of them never belong to one incident, however near they are.
 */
const NEIGHBOURS: Readonly<Partial<Record<IncidentType, readonly IncidentType[]>>> = {
  theft: ['burglary', 'robbery', 'vehicle_theft', 'fraud'],
  burglary: ['trespass', 'alarm', 'vandalism'],
  robbery: ['assault', 'threat', 'weapons'],
  assault: ['disorder', 'threat', 'injury', 'weapons', 'sexual_offence', 'homicide'],
  homicide: ['shooting', 'death', 'weapons'],
  shooting: ['explosion', 'weapons'],
  explosion: ['fire', 'hazard', 'arson'],
  threat: ['weapons', 'disorder'],
  vandalism: ['disorder', 'arson'],
  fire: ['arson', 'alarm', 'rescue', 'hazard'],
  traffic_accident: ['injury', 'traffic_obstruction', 'traffic_offence', 'rescue', 'animal'],
  traffic_offence: ['traffic_obstruction'],
  traffic_obstruction: ['animal', 'hazard'],
  disorder: ['drugs', 'trespass'],
  missing_person: ['rescue'],
  death: ['injury'],
  injury: ['rescue'],
  hazard: ['environment', 'alarm'],
};

/** Of each type, the types that it may share an incident with, itself among them, as bits of their places in the list. */
const COMPATIBLE: readonly number[] = INCIDENT_TYPES.map((type) =>
  INCIDENT_TYPES.reduce((mask, other) => (isCompatible(type, other) ? mask | typeBit(other) : mask), 0),
);

function isCompatible(a: IncidentType, b: IncidentType): boolean {
  return a === b || (NEIGHBOURS[a]?.includes(b) ?? false) || (NEIGHBOURS[b]?.includes(a) ?? false);
}

/** The type as one bit of a set of types; the taxonomy has no more than 32. */
export function typeBit(type: IncidentType): number {
  return 1 << INCIDENT_TYPES.indexOf(type);
}

/** Whether two types may be those of one event. */
export function compatible(a: IncidentType, b: IncidentType): boolean {
  return ((COMPATIBLE[INCIDENT_TYPES.indexOf(a)] ?? 0) & typeBit(b)) !== 0;
}

/** The types that may be those of one event with the given one, itself among them. */
export function compatibleTypes(type: IncidentType): IncidentType[] {
  return INCIDENT_TYPES.filter((other) => compatible(type, other));
}

/** Whether each type of one set may be that of one event with each type of the other. */
export function allCompatible(types: number, others: number): boolean {
  return COMPATIBLE.every((mask, index) => (types & (1 << index)) === 0 || (others & ~mask) === 0);
}
