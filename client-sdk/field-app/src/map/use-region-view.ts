import { useCallback, useEffect, useRef } from 'react';
import type { Map as MapLibreMap } from 'maplibre-gl';
import type { Areas } from '../region/areas.ts';
import { boundsOf } from './use-map.ts';

/** Space around a county that is shown whole, in pixels. */
const PADDING_PX = 56;
/** A county of one municipality is not shown nearer than this. */
const REGION_MAX_ZOOM = 9;

/**
 * Shows the whole county when the map opens, unless it opens at a place, and when the county changes; returns what does it
 * again.
 */
export function useRegionView(
  map: MapLibreMap | undefined,
  areas: Areas,
  region: string | undefined,
  opensAtPlace = false,
): () => void {
  const shown = useRef(opensAtPlace ? region : undefined);
  const show = useCallback(
    (animate: boolean) => {
      const places = areas.municipalities.filter(({ parent_code }) => parent_code === region);
      if (map === undefined || places.length === 0) return false;
      map.fitBounds(boundsOf(places), { padding: PADDING_PX, maxZoom: REGION_MAX_ZOOM, animate });
      return true;
    },
    [map, areas, region],
  );
  useEffect(() => {
    if (map === undefined) shown.current = opensAtPlace ? region : undefined;
    else if (shown.current !== region && show(false)) shown.current = region;
  }, [map, region, show, opensAtPlace]);
  return useCallback(() => void show(true), [show]);
}
