import { cellToBoundary, isValidCell } from 'h3-js';
import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl';
import type { Feature, FeatureCollection, Point, Polygon } from 'geojson';
import { isCell, isStale } from '../risk/risk-place.ts';
import type { RiskPlace } from '../risk/risk-place.ts';
import type { Sources } from './base-style.ts';
import type { Palette } from './palette.ts';

/** Layers of places that can be pressed. */
export const RISK_LAYERS = ['risk-cells', 'risk-dots', 'risk-areas'] as const;

/** Below this zoom a cell is smaller than a finger's point: it is drawn as a dot. */
const CELL_ZOOM = 11;
const OPACITY = 0.6;
/** What should have been replaced is pale. */
const STALE_OPACITY = 0.28;

/** What a drawn place carries. */
export interface RiskProperties {
  readonly place: string;
  readonly band: number;
  readonly stale: boolean;
}

type Cells = FeatureCollection<Polygon, RiskProperties>;
type Centres = FeatureCollection<Point, RiskProperties & { readonly isCell: boolean }>;

/** The places as shapes on the ground: cells by their outlines and middles, areas by their centres; the highest band on top. */
export function riskShapes(places: readonly RiskPlace[], nowMs: number): { cells: Cells; centres: Centres } {
  const lowFirst = places.toSorted((a, b) => a.band - b.band || a.expected - b.expected);
  const propertiesOf = (place: RiskPlace): RiskProperties => ({
    place: place.place,
    band: place.band,
    stale: isStale(place, nowMs),
  });
  const cells = lowFirst.flatMap((place): Feature<Polygon, RiskProperties>[] => {
    // Of a cell that is none its middle is still known.
    if (!isCell(place) || !isValidCell(place.place)) return [];
    const coordinates = [cellToBoundary(place.place, true)];
    return [{ type: 'Feature', properties: propertiesOf(place), geometry: { type: 'Polygon', coordinates } }];
  });
  const centres = lowFirst.map((place): Centres['features'][number] => ({
    type: 'Feature',
    properties: { ...propertiesOf(place), isCell: isCell(place) },
    geometry: { type: 'Point', coordinates: [place.lon, place.lat] },
  }));
  return {
    cells: { type: 'FeatureCollection', features: cells },
    centres: { type: 'FeatureCollection', features: centres },
  };
}

/** What is forecast, over the ground and under the incidents. */
export function riskLayers(
  palette: Palette,
  places: readonly RiskPlace[],
  nowMs: number,
): { sources: Sources; layers: LayerSpecification[] } {
  if (places.length === 0) return { sources: {}, layers: [] };
  const { cells, centres } = riskShapes(places, nowMs);
  return {
    sources: {
      'risk-cells': { type: 'geojson', data: cells },
      'risk-centres': { type: 'geojson', data: centres },
    },
    layers: [areaLayer(palette), dotLayer(palette), cellLayer(palette), cellBorderLayer(palette)],
  };
}

const opacity: ExpressionSpecification = ['case', ['get', 'stale'], STALE_OPACITY, OPACITY];

function bandColour({ risks }: Palette): ExpressionSpecification {
  const [first = '', ...others] = risks;
  return [
    'step',
    ['get', 'band'],
    first,
    ...others.flatMap((colour, n) => [n + 2, colour]),
  ] as unknown as ExpressionSpecification;
}

function cellLayer(palette: Palette): LayerSpecification {
  return {
    id: 'risk-cells',
    type: 'fill',
    source: 'risk-cells',
    minzoom: CELL_ZOOM,
    paint: { 'fill-color': bandColour(palette), 'fill-opacity': opacity },
  };
}

function cellBorderLayer(palette: Palette): LayerSpecification {
  return {
    id: 'risk-borders',
    type: 'line',
    source: 'risk-cells',
    minzoom: CELL_ZOOM,
    paint: { 'line-color': bandColour(palette), 'line-width': 1.2 },
  };
}

function dotLayer(palette: Palette): LayerSpecification {
  return {
    id: 'risk-dots',
    type: 'circle',
    source: 'risk-centres',
    filter: ['get', 'isCell'],
    maxzoom: CELL_ZOOM,
    paint: {
      'circle-color': bandColour(palette),
      'circle-opacity': opacity,
      'circle-radius': ['interpolate', ['linear'], ['zoom'], 6, 3, CELL_ZOOM, 5],
    },
  };
}

/** Wide, since it is about a whole municipality of which the device knows the centre. */
function areaLayer(palette: Palette): LayerSpecification {
  return {
    id: 'risk-areas',
    type: 'circle',
    source: 'risk-centres',
    filter: ['!', ['get', 'isCell']],
    paint: {
      'circle-color': bandColour(palette),
      'circle-opacity': opacity,
      'circle-radius': ['interpolate', ['exponential', 1.6], ['zoom'], 4, 7, 7, 16, 10, 48, 13, 110],
      'circle-stroke-color': bandColour(palette),
      'circle-stroke-width': 1.5,
    },
  };
}
