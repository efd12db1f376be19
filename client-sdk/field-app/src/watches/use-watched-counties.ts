import { useEffect, useMemo } from 'react';
import { useLive, useStatus } from '@halo/client/react';
import { useAppParts, useOpenSession } from '../device/session-context.tsx';
import { useAreas } from '../region/areas.ts';
import { WATCHES_SQL } from './watch.ts';
import type { WatchRow } from './watch.ts';
import { SPOTS_SQL, countiesOf, countyForecastBy, forecastsAt, watchedCounties } from './watched-counties.ts';
import type { ForecastsAt } from './watched-counties.ts';

/** The counties of the watched places; undefined until the device knows both the places and the counties. */
function useWatchedCounties(): readonly string[] | undefined {
  const areas = useAreas();
  const watches = useLive<WatchRow>(WATCHES_SQL);
  const { streams } = useStatus();
  const haveCome = streams.some(({ shape, offset }) => shape === 'my_watches' && offset !== undefined);
  return useMemo(() => {
    // A replica that is built anew is empty at first: what was remembered then stays.
    if (!haveCome || watches === undefined || areas.municipalities.length === 0) return undefined;
    return watchedCounties(areas, watches);
  }, [haveCome, areas, watches]);
}

/** Remembers in which counties places are watched, so that their forecasts are kept from the next opening on. */
export function useRememberWatched(): void {
  const { session } = useAppParts();
  const counties = useWatchedCounties();
  useEffect(() => {
    if (counties !== undefined) session.rememberWatched(counties);
  }, [session, counties]);
}

/** Has their forecasts fetched at once, where they are not kept yet; not while something is being typed. */
export function useFetchWatched(isBusy: boolean): void {
  const { session } = useAppParts();
  const counties = useWatchedCounties();
  useEffect(() => {
    if (counties === undefined || isBusy) return;
    session.rememberWatched(counties);
    void session.fetchWatched();
  }, [session, counties, isBusy]);
}

/** The forecasts at a watched place, and the name of its county. */
export interface CountyForecasts {
  readonly county: string;
  readonly has: ForecastsAt;
}

/** Tells of watched places what the device has of the forecasts there; undefined where it does not know the county. */
export function useForecastsAt(): (watch: WatchRow) => CountyForecasts | undefined {
  const areas = useAreas();
  const { forecasts } = useOpenSession();
  const { streams } = useStatus();
  const watched = useWatchedCounties() ?? [];
  const come = streams.filter(({ offset }) => offset !== undefined).map(({ shape }) => shape);
  const withSpots = useLive<{ county: string }>(SPOTS_SQL, [come.flatMap(countyForecastBy)])?.map(
    ({ county }) => county,
  );
  return (watch) => {
    const [county] = countiesOf(areas, watch);
    if (county === undefined) return undefined;
    return {
      county: areas.find(county)?.name ?? county,
      has: forecastsAt(county, { forecasts, watched, come, withSpots }),
    };
  };
}
