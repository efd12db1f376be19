import { useMemo } from 'react';
import { useLive, useStatus } from '@halo/client/react';
import { useHeld } from '../ui/use-held.ts';
import { INCIDENT_COLUMNS, listQuery, mapQuery } from './filters.ts';
import type { Filters, Place } from './filters.ts';
import type { IncidentRow, ListedIncident, MapIncident } from './incident.ts';

/** The list's incidents, the first `limit`; undefined until the replica has answered once. */
export function useListed(
  region: string,
  filters: Filters,
  nowMs: number,
  limit: number,
  here: Place | undefined,
): readonly ListedIncident[] | undefined {
  const { sql, params } = listQuery(region, filters, nowMs, limit, here);
  return useHeld(useLive<ListedIncident>(sql, params));
}

const NONE: readonly MapIncident[] = [];

/** The map's incidents; none until the replica has answered. */
export function useMapped(region: string, filters: Filters, nowMs: number): readonly MapIncident[] {
  const { sql, params } = mapQuery(region, filters, nowMs);
  return useHeld(useLive<MapIncident>(sql, params)) ?? NONE;
}

const BY_IDS = `SELECT ${INCIDENT_COLUMNS} FROM incidents WHERE id = ANY ($1::uuid[])
  ORDER BY occurred_at DESC, id LIMIT 100`;

/** Incidents by their ids, whatever the filters; undefined until the replica has answered. */
export function useIncidentsById(ids: readonly string[]): readonly IncidentRow[] | undefined {
  const params = useMemo(() => [ids.slice(0, 100)], [ids]);
  return useLive<IncidentRow>(BY_IDS, params);
}

/** Whether the county's incidents have come once: before that none in the replica does not mean that there are none. */
export function useHasCome(region: string): boolean {
  const { streams } = useStatus();
  return streams.find(({ shape }) => shape === `incidents?region=${region}`)?.offset !== undefined;
}
