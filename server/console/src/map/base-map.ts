import { Map as MapLibreMap, setWorkerUrl } from 'maplibre-gl';
import type { ExpressionSpecification, StyleSpecification } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import 'maplibre-gl/dist/maplibre-gl.css';
import type { FeatureCollection, Point } from 'geojson';
import { feature } from 'topojson-client';
import landOutlines from 'virtual:land-outlines';
import { t } from '../texts/texts.ts';

setWorkerUrl(workerUrl);

/** Sweden as a whole. */
const SWEDEN: [number, number, number, number] = [10.5, 55.2, 24.2, 69.1];
const MIN_ZOOM = 3;
const MAX_ZOOM = 15;
const LAND = feature(landOutlines, landOutlines.objects.countries);

/** What a drawn incident carries. */
export interface SpotProperties {
  readonly id: string;
  readonly severity: number;
}
export type Spots = FeatureCollection<Point, SpotProperties>;

/** A map of our own data, without tiles and glyphs of others; undefined where this browser cannot draw one. */
export function makeMap(container: HTMLElement): MapLibreMap | undefined {
  try {
    const map = new MapLibreMap({
      container,
      style: { version: 8, sources: {}, layers: [] },
      bounds: SWEDEN,
      minZoom: MIN_ZOOM,
      maxZoom: MAX_ZOOM,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      fadeDuration: 0,
      locale: { 'Map.Title': t.map.picture },
    });
    map.keyboard.disableRotation();
    return map;
  } catch {
    return undefined;
  }
}

/** The land, and the incidents over it, in the colours in use now. */
export function mapStyle(spots: Spots): StyleSpecification {
  const token = readTokens();
  const here = ['get', 'sweden'] satisfies ExpressionSpecification;
  const severities = [1, 2, 3, 4, 5].map((severity) => token(`severity-${severity}`));
  const [least = '', ...others] = severities;
  const colour = [
    'step',
    ['get', 'severity'],
    least,
    ...others.flatMap((each, n) => [n + 2, each]),
  ] as unknown as ExpressionSpecification;
  return {
    version: 8,
    sources: {
      land: { type: 'geojson', data: LAND },
      spots: { type: 'geojson', data: spots },
    },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': token('map-sea') } },
      {
        id: 'land',
        type: 'fill',
        source: 'land',
        paint: { 'fill-color': ['case', here, token('map-land-here'), token('map-land')] },
      },
      {
        id: 'borders',
        type: 'line',
        source: 'land',
        layout: { 'line-join': 'round' },
        paint: {
          'line-color': ['case', here, token('map-border-here'), token('map-border')],
          'line-width': 1.2,
        },
      },
      {
        id: 'spots',
        type: 'circle',
        source: 'spots',
        paint: {
          'circle-color': colour,
          'circle-opacity': 0.85,
          'circle-radius': ['interpolate', ['linear'], ['zoom'], 4, 3, 8, 6, 13, 10],
          'circle-stroke-color': token('surface'),
          'circle-stroke-width': 1,
        },
      },
    ],
  };
}

/** Reads colours as they are in use: the map draws on a canvas, which knows neither CSS nor `light-dark()`. */
function readTokens(): (name: string) => string {
  const probe = document.createElement('span');
  probe.hidden = true;
  document.body.append(probe);
  const tokens = new Map<string, string>();
  const read = (name: string) => {
    const known = tokens.get(name);
    if (known !== undefined) return known;
    probe.style.color = `var(--${name})`;
    const colour = getComputedStyle(probe).color;
    tokens.set(name, colour);
    return colour;
  };
  // All that the map uses, while the probe is there.
  const used = ['map-sea', 'map-land', 'map-land-here', 'map-border', 'map-border-here', 'surface'];
  for (const name of [...used, ...[1, 2, 3, 4, 5].map((n) => `severity-${n}`)]) read(name);
  probe.remove();
  return (name) => tokens.get(name) ?? '#888888';
}
