import { areaNames } from '../region/areas.ts';
import type { Areas } from '../region/areas.ts';
import { t } from '../texts/texts.ts';

/** An incident as the replica has it. */
export type IncidentRow = {
  readonly id: string;
  readonly type: string;
  readonly severity: number;
  readonly status: string;
  readonly verification: string;
  readonly confidence: number;
  readonly occurred_at: Date;
  readonly lat: number;
  readonly lon: number;
  readonly location_precision: string;
  readonly region: string | null;
  readonly municipality: string | null;
  /** Where the server has districts' outlines. */
  readonly district: string | null;
  readonly report_count: number;
  readonly reporter_count: number;
  readonly official: boolean;
  /** The incident that it was found to be the same as. */
  readonly merged_into: string | null;
  /** The incident that this official event of an area is. */
  readonly matched_to: string | null;
  readonly updated_at: Date;
  /** `queued` while a decision of this device about it waits. */
  readonly sync_state: string;
};

/** One of a list: how far away it is, where that is asked for and known, and of how many it is. */
export type ListedIncident = IncidentRow & { readonly distance_m: number | null; readonly total: number };

/** What the map needs of one. */
export type MapIncident = Pick<
  IncidentRow,
  'id' | 'severity' | 'verification' | 'lat' | 'lon' | 'location_precision' | 'municipality'
>;

/** True when the position is an area's centre and says nothing about the spot. */
export function isAreaOnly(incident: Pick<IncidentRow, 'location_precision'>): boolean {
  return incident.location_precision !== 'point';
}

/** Where it happened, in words no finer than what is known. */
export function placeName(
  {
    district,
    municipality,
    region,
    location_precision,
  }: Pick<IncidentRow, 'district' | 'municipality' | 'region' | 'location_precision'>,
  areas: Areas,
): string {
  const codes = location_precision === 'county' ? [region] : [district, municipality ?? region];
  const name = areaNames(areas, codes);
  if (name === undefined) return areas.areRead ? t.unknownPlace : '…';
  return isAreaOnly({ location_precision }) ? t.somewhereIn(name) : name;
}

/** A verification state in words. */
export function verificationName(state: string): string {
  return state in t.verification ? t.verification[state as keyof typeof t.verification] : state;
}
