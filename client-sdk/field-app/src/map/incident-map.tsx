import { useEffect, useRef } from 'react';
import type { Map as MapLibreMap } from 'maplibre-gl';
import type { MapIncident } from '../incidents/incident.ts';
import { useAreas } from '../region/areas.ts';
import type { Areas } from '../region/areas.ts';
import { severityName, t } from '../texts/texts.ts';
import { DARK, useMedia } from '../ui/use-media.ts';
import { areaLabels } from './area-labels.ts';
import { baseStyle } from './base-style.ts';
import { incidentLayers } from './incident-layers.ts';
import { LabelLayer } from './labels.ts';
import { ClusterNumbers } from './cluster-numbers.ts';
import { MapControls } from './map-controls.tsx';
import { readPalette } from './palette.ts';
import { usePresses } from './use-presses.ts';
import { useMap } from './use-map.ts';
import { useRegionView } from './use-region-view.ts';

/** How near the map goes to one incident: to a spot, or to an area. */
const FOCUS_ZOOM = 12;

export interface IncidentMapProps {
  readonly incidents: readonly MapIncident[];
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
  useClusterNumbers(map);
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
  incidents: readonly MapIncident[],
  focus: MapIncident | undefined,
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
  incidents: readonly MapIncident[],
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

/** The numbers of what is drawn as one. */
function useClusterNumbers(map: MapLibreMap | undefined): void {
  useEffect(() => {
    if (map === undefined) return undefined;
    const numbers = new ClusterNumbers(map);
    return () => numbers.remove();
  }, [map]);
}
