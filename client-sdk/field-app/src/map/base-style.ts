import type {
  ExpressionSpecification,
  FilterSpecification,
  LayerSpecification,
  SourceSpecification,
  StyleSpecification,
} from 'maplibre-gl';
import type { Feature, Point } from 'geojson';
import type { Areas } from '../region/areas.ts';
import { feature } from 'topojson-client';
import landOutlines from 'virtual:land-outlines';
import type { Palette } from './palette.ts';

/** Both maps draw the same land: it is unfolded once. */
const LAND = feature(landOutlines, landOutlines.objects.countries);

export type Sources = Record<string, SourceSpecification>;

/** A map of our own data: land from Natural Earth and the municipalities' centres; no tiles and no glyphs. */
export function baseStyle(
  palette: Palette,
  areas: Areas,
  over: { readonly sources: Sources; readonly layers: LayerSpecification[] },
): StyleSpecification {
  return {
    version: 8,
    sources: {
      land: { type: 'geojson', data: LAND },
      centres: {
        type: 'geojson',
        data: { type: 'FeatureCollection', features: centres(areas) },
      },
      ...over.sources,
    },
    layers: [...groundLayers(palette), ...over.layers],
  };
}

function groundLayers(palette: Palette): LayerSpecification[] {
  const here = ['get', 'sweden'] satisfies FilterSpecification & ExpressionSpecification;
  return [
    { id: 'sea', type: 'background', paint: { 'background-color': palette.sea } },
    {
      id: 'land',
      type: 'fill',
      source: 'land',
      paint: {
        'fill-color': ['case', here, palette.landHere, palette.land],
        'fill-antialias': true,
      },
    },
    {
      id: 'borders',
      type: 'line',
      source: 'land',
      layout: { 'line-join': 'round' },
      paint: { 'line-color': palette.border, 'line-width': 1 },
    },
    {
      id: 'border-here',
      type: 'line',
      source: 'land',
      filter: here,
      layout: { 'line-join': 'round' },
      paint: { 'line-color': palette.borderHere, 'line-width': 1.8 },
    },
    {
      id: 'centres',
      type: 'circle',
      source: 'centres',
      minzoom: 6,
      paint: { 'circle-color': palette.dot, 'circle-radius': 2 },
    },
  ];
}

function centres({ municipalities }: Areas): Feature<Point>[] {
  return municipalities.map(({ lat, lon }) => ({
    type: 'Feature',
    properties: {},
    geometry: { type: 'Point', coordinates: [lon, lat] },
  }));
}
