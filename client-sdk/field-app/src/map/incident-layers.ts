import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl';
import type { MapIncident } from '../incidents/incident.ts';
import type { Sources } from './base-style.ts';
import { areaSpots, pointSpots } from './features.ts';
import type { Palette } from './palette.ts';

/** Layers whose circles can be pressed. */
export const PRESSABLE_LAYERS = ['area-spots', 'point-spots', 'clusters'] as const;

/** Spots nearer to each other than this are drawn as one, in pixels. */
const CLUSTER_RADIUS_PX = 42;
/** Radii in pixels, each from the number of incidents before it on. */
const CLUSTER_STEPS = [15, 10, 18, 100, 22, 1_000, 27] as const;

/** The radius of the circle that stands for so many, in pixels. */
export function clusterRadiusPx(count: number): number {
  const [least, ...steps] = CLUSTER_STEPS;
  let radius: number = least;
  for (let n = 0; n < steps.length; n += 2) if (count >= steps[n]!) radius = steps[n + 1]!;
  return radius;
}

/** From beyond this zoom on each spot stands by itself. */
export const CLUSTER_MAX_ZOOM = 15;

/** The incidents over the ground. `focus` is where a ring is drawn around one of them. */
export function incidentLayers(
  palette: Palette,
  incidents: readonly MapIncident[],
  focus: MapIncident | undefined,
): { sources: Sources; layers: LayerSpecification[] } {
  const focused = focus === undefined ? [] : [focus];
  return {
    sources: {
      areas: { type: 'geojson', data: areaSpots(incidents) },
      points: {
        type: 'geojson',
        data: pointSpots(incidents),
        cluster: true,
        clusterRadius: CLUSTER_RADIUS_PX,
        clusterMaxZoom: CLUSTER_MAX_ZOOM,
        clusterProperties: { severity: ['max', ['get', 'severity']] },
      },
      focus: {
        type: 'geojson',
        data: {
          type: 'FeatureCollection',
          features: focused.map(({ lat, lon }) => ({
            type: 'Feature',
            properties: {},
            geometry: { type: 'Point', coordinates: [lon, lat] },
          })),
        },
      },
    },
    layers: [areaLayer(palette), pointLayer(palette), clusterLayer(palette), focusLayer(palette)],
  };
}

function severityColour(palette: Palette): ExpressionSpecification {
  const [first = '', ...others] = palette.severities;
  return [
    'step',
    ['get', 'severity'],
    first,
    ...others.flatMap((colour, n) => [n + 2, colour]),
  ] as unknown as ExpressionSpecification;
}

/** Wide and faint: somewhere in here. */
function areaLayer(palette: Palette): LayerSpecification {
  return {
    id: 'area-spots',
    type: 'circle',
    source: 'areas',
    paint: {
      'circle-color': severityColour(palette),
      'circle-opacity': 0.2,
      'circle-radius': ['interpolate', ['exponential', 1.6], ['zoom'], 4, 9, 7, 22, 10, 60, 13, 140],
      'circle-stroke-color': severityColour(palette),
      'circle-stroke-width': 1,
      'circle-stroke-opacity': 0.55,
    },
  };
}

/** The outline tells how sure it is: thick when verified, thin when several saw it. */
function pointLayer(palette: Palette): LayerSpecification {
  const sure = (verified: unknown, corroborated: unknown, other: unknown) =>
    [
      'match',
      ['get', 'verification'],
      'verified',
      verified,
      'corroborated',
      corroborated,
      other,
    ] as unknown as ExpressionSpecification;
  return {
    id: 'point-spots',
    type: 'circle',
    source: 'points',
    filter: ['!', ['has', 'point_count']],
    paint: {
      'circle-color': severityColour(palette),
      'circle-opacity': 0.95,
      'circle-radius': ['interpolate', ['linear'], ['zoom'], 4, 5, 8, 9, 14, 14],
      'circle-stroke-color': sure(palette.ink, palette.ink, palette.halo),
      'circle-stroke-width': sure(3, 1.5, 1.5),
    },
  };
}

/** Several spots as one, in the colour of the gravest; its number is written over it by `ClusterNumbers`. */
function clusterLayer(palette: Palette): LayerSpecification {
  return {
    id: 'clusters',
    type: 'circle',
    source: 'points',
    filter: ['has', 'point_count'],
    paint: {
      'circle-color': severityColour(palette),
      'circle-radius': [
        'step',
        ['get', 'point_count'],
        ...CLUSTER_STEPS,
      ] as unknown as ExpressionSpecification,
      'circle-stroke-color': palette.halo,
      'circle-stroke-width': 2,
    },
  };
}

function focusLayer(palette: Palette): LayerSpecification {
  return {
    id: 'focus',
    type: 'circle',
    source: 'focus',
    paint: {
      'circle-color': palette.accent,
      'circle-opacity': 0,
      'circle-radius': ['interpolate', ['linear'], ['zoom'], 4, 10, 8, 16, 14, 24],
      'circle-stroke-color': palette.accent,
      'circle-stroke-width': 3,
    },
  };
}
