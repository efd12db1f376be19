import type {
  ExpressionSpecification,
  FilterSpecification,
  LayerSpecification,
  SourceSpecification,
  StyleSpecification,
} from 'maplibre-gl';
import type { Feature, Point } from 'geojson';
import type { Areas } from '../region/areas.ts';
// County borders of Statistics Sweden (SCB), generalised, CC0; rounded to 3 decimals (about 100 m).
import countiesUrl from './counties.geojson?url';
import type { Palette } from './palette.ts';

export type Sources = Record<string, SourceSpecification>;

/** A map of our own data: the counties' outlines and the municipalities' centres; no tiles and no glyphs. */
export function baseStyle(
  palette: Palette,
  areas: Areas,
  region: string,
  over: { readonly sources: Sources; readonly layers: LayerSpecification[] },
): StyleSpecification {
  return {
    version: 8,
    sources: {
      counties: { type: 'geojson', data: new URL(countiesUrl, location.href).href },
      centres: {
        type: 'geojson',
        data: { type: 'FeatureCollection', features: centres(areas) },
      },
      ...over.sources,
    },
    layers: [...groundLayers(palette, region), ...over.layers],
  };
}

function groundLayers(palette: Palette, region: string): LayerSpecification[] {
  const here = ['==', ['get', 'code'], region] satisfies FilterSpecification & ExpressionSpecification;
  return [
    { id: 'sea', type: 'background', paint: { 'background-color': palette.sea } },
    {
      id: 'land',
      type: 'fill',
      source: 'counties',
      paint: {
        'fill-color': ['case', here, palette.landHere, palette.land],
        'fill-antialias': true,
      },
    },
    {
      id: 'borders',
      type: 'line',
      source: 'counties',
      layout: { 'line-join': 'round' },
      paint: { 'line-color': palette.border, 'line-width': 1 },
    },
    {
      id: 'border-here',
      type: 'line',
      source: 'counties',
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
