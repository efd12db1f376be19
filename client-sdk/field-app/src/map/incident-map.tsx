import { useEffect, useRef } from 'react';
import type { Map as MapLibreMap, MapMouseEvent } from 'maplibre-gl';
import type { IncidentRow } from '../incidents/incident.ts';
import { useAreas } from '../region/areas.ts';
import type { Areas } from '../region/areas.ts';
import { severityName, t } from '../texts/texts.ts';
import { DARK, useMedia } from '../ui/use-media.ts';
import { areaLabels } from './area-labels.ts';
import { baseStyle } from './base-style.ts';
import { PRESSABLE_LAYERS, incidentLayers } from './incident-layers.ts';
import { LabelLayer } from './labels.ts';
import { MapControls } from './map-controls.tsx';
import { readPalette } from './palette.ts';
import { useMap } from './use-map.ts';
import { useRegionView } from './use-region-view.ts';

/** A finger is this much wider than a point, in pixels to each side. */
const FINGER_PX = 8;
/** How near the map goes to one incident: to a spot, or to an area. */
const FOCUS_ZOOM = 12;

export interface IncidentMapProps {
  readonly incidents: readonly IncidentRow[];
  readonly region: string;
  /** The incident to go to. */
  readonly focusId: string | undefined;
  /** Hears of the incidents under a press, at least one. */
  readonly onSelect: (ids: readonly string[]) => void;
}

/** The incidents on a map of our own data. */
export default function IncidentMap({ incidents, region, focusId, onSelect }: IncidentMapProps) {
  const container = useRef<HTMLDivElement>(null);
  const state = useMap(container);
  const map = state === 'failed' ? undefined : state;
  const areas = useAreas();
  const focus = incidents.find(({ id }) => id === focusId);
  const showWhole = useRegionView(map, areas, region);
  useIncidentStyle(map, areas, incidents, focus);
  useLabels(map, areas, region, incidents);
  usePresses(map, onSelect);
  useEffect(() => {
    if (map !== undefined && focus !== undefined) {
      map.easeTo({ center: [focus.lon, focus.lat], zoom: Math.max(map.getZoom(), FOCUS_ZOOM) });
    }
    // Once for each incident that is asked for, not whenever its row changes.
    // eslint-disable-next-line react-hooks/exhaustive-deps -- see above
  }, [map, focus?.id]);
  if (state === 'failed') return <p className="map-failed">{t.mapFailed}</p>;
  return (
    <div className="map-frame">
      <div ref={container} className="map-canvas" />
      <p className="visually-hidden">{t.mapHint}</p>
      <MapControls map={map} onWhole={showWhole} />
      <Legend />
    </div>
  );
}

function Legend() {
  return (
    <ol className="map-legend" aria-label={t.mapLegend}>
      {[1, 2, 3, 4, 5].map((severity) => (
        <li key={severity}>
          <span className={`map-legend-dot severity-${severity}`} />
          {severityName(severity)}
        </li>
      ))}
    </ol>
  );
}

function useIncidentStyle(
  map: MapLibreMap | undefined,
  areas: Areas,
  incidents: readonly IncidentRow[],
  focus: IncidentRow | undefined,
): void {
  const dark = useMedia(DARK);
  useEffect(() => {
    const palette = readPalette();
    map?.setStyle(baseStyle(palette, areas, incidentLayers(palette, incidents, focus)));
  }, [map, areas, incidents, focus, dark]);
}

function useLabels(
  map: MapLibreMap | undefined,
  areas: Areas,
  region: string,
  incidents: readonly IncidentRow[],
): void {
  const layer = useRef<LabelLayer>(undefined);
  useEffect(() => {
    if (map === undefined) return undefined;
    const labels = new LabelLayer(map);
    layer.current = labels;
    return () => {
      layer.current = undefined;
      labels.remove();
    };
  }, [map]);
  useEffect(() => layer.current?.set(areaLabels(areas, region, incidents)), [map, areas, region, incidents]);
}

function usePresses(map: MapLibreMap | undefined, onSelect: (ids: readonly string[]) => void): void {
  useEffect(() => {
    if (map === undefined) return undefined;
    const under = ({ point: { x, y } }: MapMouseEvent): string[] => {
      const layers = PRESSABLE_LAYERS.filter((id) => map.getLayer(id) !== undefined);
      const box: [[number, number], [number, number]] = [
        [x - FINGER_PX, y - FINGER_PX],
        [x + FINGER_PX, y + FINGER_PX],
      ];
      const found = map.queryRenderedFeatures(box, { layers });
      // A known spot is meant rather than the wide circle that it lies in.
      const spots = found.filter(({ layer }) => layer.id === 'point-spots');
      const meant = spots.length > 0 ? spots : found;
      return [...new Set(meant.flatMap(({ properties }) => String(properties.ids).split(',')))];
    };
    const press = (event: MapMouseEvent) => {
      const ids = under(event);
      if (ids.length > 0) onSelect(ids);
    };
    const hover = (event: MapMouseEvent) => {
      map.getCanvas().style.cursor = under(event).length > 0 ? 'pointer' : '';
    };
    map.on('click', press);
    map.on('mousemove', hover);
    return () => {
      map.off('click', press);
      map.off('mousemove', hover);
    };
  }, [map, onSelect]);
}
