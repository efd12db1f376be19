import { useEffect, useRef, useState } from 'react';
import { useAreas } from '../region/areas.ts';
import { t } from '../texts/texts.ts';
import { DARK, useMedia } from '../ui/use-media.ts';
import { areaLabels } from './area-labels.ts';
import { baseStyle } from './base-style.ts';
import { LabelLayer } from './labels.ts';
import { MapControls } from './map-controls.tsx';
import { readPalette } from './palette.ts';
import { placeLayers } from './place-layers.ts';
import { useMap } from './use-map.ts';
import { useRegionView } from './use-region-view.ts';

/** How near the map goes to a place that was chosen before it opened. */
const PLACE_ZOOM = 13;

export interface PickerMapProps {
  readonly region: string | undefined;
  /** The place pointed at so far. */
  readonly place: { readonly lat: number; readonly lon: number } | undefined;
  readonly radiusM: number;
  readonly onTap: (place: { lat: number; lon: number }) => void;
}

/** A map to point at a place: by a tap, or with the keyboard by moving it and pressing Enter for its middle. */
export default function PickerMap({ region, place, radiusM, onTap }: PickerMapProps) {
  const container = useRef<HTMLDivElement>(null);
  const state = useMap(container);
  const map = state === 'failed' ? undefined : state;
  const areas = useAreas();
  const dark = useMedia(DARK);
  const [first] = useState(place);
  const showWhole = useRegionView(map, areas, region, first !== undefined);

  useEffect(() => {
    if (map === undefined || first === undefined) return;
    map.jumpTo({ center: [first.lon, first.lat], zoom: PLACE_ZOOM });
  }, [map, first]);
  useEffect(() => {
    const palette = readPalette();
    map?.setStyle(baseStyle(palette, areas, placeLayers(palette, place, radiusM)));
  }, [map, areas, region, place, radiusM, dark]);
  useEffect(() => {
    if (map === undefined) return undefined;
    const labels = new LabelLayer(map);
    labels.set(areaLabels(areas, region, []));
    return () => labels.remove();
  }, [map, areas, region]);
  useEffect(() => {
    if (map === undefined) return undefined;
    const canvas = map.getCanvas();
    const onEnter = ({ key }: KeyboardEvent) => {
      const { lat, lng } = map.getCenter();
      if (key === 'Enter') onTap({ lat, lon: lng });
    };
    const subscription = map.on('click', ({ lngLat }) => onTap({ lat: lngLat.lat, lon: lngLat.lng }));
    canvas.addEventListener('keydown', onEnter);
    return () => {
      subscription.unsubscribe();
      canvas.removeEventListener('keydown', onEnter);
    };
  }, [map, onTap]);

  if (state === 'failed') return <p className="map-failed">{t.pickWithoutMap}</p>;
  return (
    <div className="map-frame map-frame-picker">
      <div ref={container} className="map-canvas" />
      <MapControls map={map} onWhole={showWhole} />
    </div>
  );
}
