import type { LayerSpecification } from 'maplibre-gl';
import type { Feature } from 'geojson';
import type { Sources } from './base-style.ts';
import { groundCircle } from './features.ts';
import type { Palette } from './palette.ts';

/** The place being picked: a point, and the ground that its radius covers. */
export function placeLayers(
  palette: Palette,
  place: { readonly lat: number; readonly lon: number } | undefined,
  radiusM: number,
): { sources: Sources; layers: LayerSpecification[] } {
  const features: Feature[] =
    place === undefined
      ? []
      : [
          groundCircle(place, radiusM),
          {
            type: 'Feature',
            properties: {},
            geometry: { type: 'Point', coordinates: [place.lon, place.lat] },
          },
        ];
  return {
    sources: { place: { type: 'geojson', data: { type: 'FeatureCollection', features } } },
    layers: [
      {
        id: 'place-ground',
        type: 'fill',
        source: 'place',
        filter: ['==', ['geometry-type'], 'Polygon'],
        paint: { 'fill-color': palette.accent, 'fill-opacity': 0.22 },
      },
      {
        id: 'place-point',
        type: 'circle',
        source: 'place',
        filter: ['==', ['geometry-type'], 'Point'],
        paint: {
          'circle-color': palette.accent,
          'circle-radius': 9,
          'circle-stroke-color': palette.halo,
          'circle-stroke-width': 3,
        },
      },
    ],
  };
}
