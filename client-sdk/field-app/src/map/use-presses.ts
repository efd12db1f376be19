import { useEffect } from 'react';
import type { GeoJSONSource, Map as MapLibreMap, MapGeoJSONFeature, MapMouseEvent } from 'maplibre-gl';
import type { SpotProperties } from './features.ts';
import { CLUSTER_MAX_ZOOM, PRESSABLE_LAYERS } from './incident-layers.ts';
import { RISK_LAYERS } from './risk-layers.ts';
import type { RiskProperties } from './risk-layers.ts';

/** A finger is this much wider than a point, in pixels to each side. */
const FINGER_PX = 8;
/** Incidents of one spot that a press lists. */
const MAX_LISTED = 100;

/**
 * A press on circles tells their incidents; on what stands for several, it goes nearer, or tells them where that is no help. A
 * press beside them tells the place whose risk is shown there.
 */
export function usePresses(
  map: MapLibreMap | undefined,
  onSelect: (ids: readonly string[]) => void,
  onRisk: (place: string) => void,
): void {
  useEffect(() => {
    if (map === undefined) return undefined;
    const press = (event: MapMouseEvent) => {
      const meant = under(map, event);
      const [cluster] = meant;
      if (cluster?.layer.id === 'clusters') return void openCluster(map, cluster, onSelect).catch(() => {});
      const ids = [...new Set(meant.flatMap(idsOf))];
      if (ids.length > 0) return onSelect(ids);
      const [risk] = risksUnder(map, event);
      if (risk !== undefined) onRisk((risk.properties as RiskProperties).place);
    };
    const hover = (event: MapMouseEvent) => {
      map.getCanvas().style.cursor = isPressable(map, event) ? 'pointer' : '';
    };
    map.on('click', press);
    map.on('mousemove', hover);
    return () => {
      map.off('click', press);
      map.off('mousemove', hover);
    };
  }, [map, onSelect, onRisk]);
}

const isPressable = (map: MapLibreMap, event: MapMouseEvent) =>
  under(map, event).length > 0 || risksUnder(map, event).length > 0;

/** Places whose risk is drawn at the very point, the topmost first; dots are as small as a point. */
function risksUnder(map: MapLibreMap, { point }: MapMouseEvent): MapGeoJSONFeature[] {
  const layers = RISK_LAYERS.filter((id) => map.getLayer(id) !== undefined);
  return layers.length === 0 ? [] : map.queryRenderedFeatures(point, { layers });
}

/** What a press means: a known spot or several rather than the wide circle that they lie in. */
function under(map: MapLibreMap, { point: { x, y } }: MapMouseEvent): MapGeoJSONFeature[] {
  const layers = PRESSABLE_LAYERS.filter((id) => map.getLayer(id) !== undefined);
  const box: [[number, number], [number, number]] = [
    [x - FINGER_PX, y - FINGER_PX],
    [x + FINGER_PX, y + FINGER_PX],
  ];
  const found = map.queryRenderedFeatures(box, { layers });
  for (const layer of ['point-spots', 'clusters']) {
    const spots = found.filter(({ layer: { id } }) => id === layer);
    if (spots.length > 0) return spots;
  }
  return found;
}

/** Incidents snapped to one cell never part, however near one goes: they are listed. */
async function openCluster(
  map: MapLibreMap,
  { properties, geometry }: MapGeoJSONFeature,
  onSelect: (ids: readonly string[]) => void,
): Promise<void> {
  const source = map.getSource<GeoJSONSource>('points');
  const id = Number(properties['cluster_id']);
  if (source === undefined || geometry.type !== 'Point') return;
  const zoom = await source.getClusterExpansionZoom(id);
  if (zoom <= CLUSTER_MAX_ZOOM) {
    const [lon = 0, lat = 0] = geometry.coordinates;
    map.easeTo({ center: [lon, lat], zoom: Math.max(zoom, map.getZoom() + 0.5) });
    return;
  }
  const leaves = await source.getClusterLeaves(id, MAX_LISTED, 0);
  onSelect([...new Set(leaves.flatMap(idsOf))]);
}

const idsOf = ({ properties }: { properties: object | null }): string[] =>
  ((properties as SpotProperties | null)?.ids ?? '').split(',');
