import { useEffect, useState } from 'react';
import type { RefObject } from 'react';
import { Map as MapLibreMap, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import 'maplibre-gl/dist/maplibre-gl.css';
import { t } from '../texts/texts.ts';

setWorkerUrl(workerUrl);

/** Sweden as a whole, shown until the county's place is known. */
const SWEDEN: [number, number, number, number] = [10.5, 55.2, 24.2, 69.1];
const MIN_ZOOM = 3;
const MAX_ZOOM = 17;

/** A map in `container`: undefined until it can be drawn on; `failed` where the device cannot draw one. */
export function useMap(container: RefObject<HTMLElement | null>): MapLibreMap | 'failed' | undefined {
  const [state, setState] = useState<MapLibreMap | 'failed'>();
  useEffect(() => {
    if (container.current === null) return undefined;
    let map: MapLibreMap;
    try {
      map = new MapLibreMap({
        container: container.current,
        style: { version: 8, sources: {}, layers: [] },
        bounds: SWEDEN,
        minZoom: MIN_ZOOM,
        maxZoom: MAX_ZOOM,
        attributionControl: false,
        dragRotate: false,
        pitchWithRotate: false,
        touchPitch: false,
        fadeDuration: 0,
        locale: { 'Map.Title': t.mapLabel },
      });
    } catch {
      // No WebGL: the list and the coordinates stand in.
      setState('failed');
      return undefined;
    }
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.once('load', () => setState(map));
    return () => {
      map.remove();
      setState(undefined);
    };
  }, [container]);
  return state;
}

/** The box around places, for showing them all. */
export function boundsOf(
  places: readonly { readonly lat: number; readonly lon: number }[],
): [number, number, number, number] {
  if (places.length === 0) return SWEDEN;
  const lats = places.map(({ lat }) => lat);
  const lons = places.map(({ lon }) => lon);
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}
