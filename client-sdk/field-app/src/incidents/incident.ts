import { useMemo } from 'react';
import { useLive } from '@halo/client/react';
import type { Areas } from '../region/areas.ts';
import { t } from '../texts/texts.ts';

/** Most incidents that are read at once, the newest. */
const MAX_INCIDENTS = 2000;

const INCIDENTS_SQL = `
  SELECT id, type, severity, verification, confidence, occurred_at, lat, lon, location_precision, region,
    municipality, report_count, reporter_count, official, updated_at
  FROM incidents
  WHERE region = $1 AND status = 'open' AND merged_into IS NULL
  ORDER BY occurred_at DESC, id
  LIMIT ${MAX_INCIDENTS}`;

/** An open incident as the replica has it. */
export type IncidentRow = {
  readonly id: string;
  readonly type: string;
  readonly severity: number;
  readonly verification: string;
  readonly confidence: number;
  readonly occurred_at: Date;
  readonly lat: number;
  readonly lon: number;
  readonly location_precision: string;
  readonly region: string | null;
  readonly municipality: string | null;
  readonly report_count: number;
  readonly reporter_count: number;
  readonly official: boolean;
  readonly updated_at: Date;
};

export const PERIODS = ['day', 'week', 'all'] as const;
export type Period = (typeof PERIODS)[number];

const DAY_MS = 86_400_000;
const PERIOD_MS: Record<Period, number> = { day: DAY_MS, week: 7 * DAY_MS, all: Number.POSITIVE_INFINITY };

/** Open incidents of a county, the newest first; undefined until the replica has answered. */
export function useIncidents(region: string): readonly IncidentRow[] | undefined {
  const params = useMemo(() => [region], [region]);
  return useLive<IncidentRow>(INCIDENTS_SQL, params);
}

/** Those that happened within the period. */
export function withinPeriod(
  incidents: readonly IncidentRow[],
  period: Period,
  nowMs: number,
): readonly IncidentRow[] {
  const from = nowMs - PERIOD_MS[period];
  return incidents.filter(({ occurred_at }) => occurred_at.getTime() >= from);
}

/** True when the position is an area's centre and says nothing about the spot. */
export function isAreaOnly(incident: Pick<IncidentRow, 'location_precision'>): boolean {
  return incident.location_precision !== 'point';
}

/** Where it happened, in words no finer than what is known. */
export function placeName(
  {
    municipality,
    region,
    location_precision,
  }: Pick<IncidentRow, 'municipality' | 'region' | 'location_precision'>,
  areas: Areas,
): string {
  const area = areas.find(location_precision === 'county' ? region : (municipality ?? region));
  if (area === undefined) return t.unknownPlace;
  return isAreaOnly({ location_precision }) ? t.somewhereIn(area.name) : area.name;
}

/** A verification state in words. */
export function verificationName(state: string): string {
  return state in t.verification ? t.verification[state as keyof typeof t.verification] : state;
}
