import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import type { Map as MapLibreMap } from 'maplibre-gl';
import type { MapIncident } from '../incidents/incident.ts';
import { useAreas } from '../region/areas.ts';
import type { Areas } from '../region/areas.ts';
import type { RiskPlace } from '../risk/risk-place.ts';
import { severityName, t } from '../texts/texts.ts';
import { DARK, useMedia } from '../ui/use-media.ts';
import { useNow } from '../ui/use-now.ts';
import { areaLabels } from './area-labels.ts';
import { baseStyle } from './base-style.ts';
import { incidentLayers } from './incident-layers.ts';
import { LabelLayer } from './labels.ts';
import { ClusterNumbers } from './cluster-numbers.ts';
import { MapControls } from './map-controls.tsx';
import { readPalette } from './palette.ts';
import { riskLayers } from './risk-layers.ts';
import { usePresses } from './use-presses.ts';
import { useMap } from './use-map.ts';
import { useRegionView } from './use-region-view.ts';

/** How often what has gone stale is drawn so. */
const STALE_LOOK_MS = 300_000;
/** How near the map goes to one incident: to a spot, or to an area. */
const FOCUS_ZOOM = 12;

export interface IncidentMapProps {
  readonly incidents: readonly MapIncident[];
  readonly region: string;
  /** The incident to go to. */
  readonly focusId: string | undefined;
  /** Hears of the incidents under a press, at least one. */
  readonly onSelect: (ids: readonly string[]) => void;
  /** What is forecast, where it is to be shown. */
  readonly risks: readonly RiskPlace[];
  /** Hears of the place of a forecast under a press. */
  readonly onRisk: (place: string) => void;
  /** What stands at the map's foot, over its legend. */
  readonly children?: ReactNode;
}

/** The incidents, and what is forecast, on a map of our own data. */
export default function IncidentMap(props: IncidentMapProps) {
  const { incidents, region, focusId, onSelect, onRisk, children } = props;
  const container = useRef<HTMLDivElement>(null);
  const state = useMap(container);
  const map = state === 'failed' ? undefined : state;
  const areas = useAreas();
  const focus = incidents.find(({ id }) => id === focusId);
  const showWhole = useRegionView(map, areas, region);
  useStyle(map, areas, props, focus);
  useLabels(map, areas, region, incidents);
  useClusterNumbers(map);
  usePresses(map, onSelect, onRisk);
  useEffect(() => {
    if (map !== undefined && focus !== undefined) {
      map.easeTo({ center: [focus.lon, focus.lat], zoom: Math.max(map.getZoom(), FOCUS_ZOOM) });
    }
    // Once for each incident that is asked for, not whenever its row changes.
    // eslint-disable-next-line react-hooks/exhaustive-deps -- see above
  }, [map, focus?.id]);
  if (state === 'failed') {
    return (
      <>
        <p className="map-failed">{t.mapFailed}</p>
        {children}
      </>
    );
  }
  return (
    <div className="map-frame">
      <div ref={container} className="map-canvas" />
      <p className="visually-hidden">{t.mapHint}</p>
      <MapControls map={map} onWhole={showWhole} />
      <div className="map-foot">
        {children}
        <Legend />
      </div>
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

function useStyle(
  map: MapLibreMap | undefined,
  areas: Areas,
  { incidents, risks }: Pick<IncidentMapProps, 'incidents' | 'risks'>,
  focus: MapIncident | undefined,
): void {
  const dark = useMedia(DARK);
  const nowMs = useNow(STALE_LOOK_MS);
  useEffect(() => {
    const palette = readPalette();
    const under = riskLayers(palette, risks, nowMs);
    const over = incidentLayers(palette, incidents, focus);
    map?.setStyle(
      baseStyle(palette, areas, {
        sources: { ...under.sources, ...over.sources },
        layers: [...under.layers, ...over.layers],
      }),
    );
  }, [map, areas, incidents, risks, focus, dark, nowMs]);
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
