import type { Map as MapLibreMap } from 'maplibre-gl';
import { clusterRadiusPx } from './incident-layers.ts';
import { locale } from '../texts/texts.ts';
import { labelBox } from './label-box.ts';

/** Most numbers at once: no screen shows more circles apart from each other. */
const MAX_NUMBERS = 200;

interface Placed {
  readonly lon: number;
  readonly lat: number;
  readonly element: HTMLElement;
}

/** How many incidents a circle stands for, as HTML over the map: its own text would need glyph files. */
export class ClusterNumbers {
  readonly #map: MapLibreMap;
  readonly #box: HTMLElement;
  readonly #format = new Intl.NumberFormat(locale, { notation: 'compact' });
  #placed: Placed[] = [];

  constructor(map: MapLibreMap) {
    this.#map = map;
    this.#box = labelBox(map);
    map.on('move', this.#follow);
    map.on('render', this.#look);
  }

  remove(): void {
    this.#map.off('move', this.#follow);
    this.#map.off('render', this.#look);
    this.#box.remove();
  }

  readonly #look = (): void => {
    const map = this.#map;
    if (map.getLayer('clusters') === undefined || !map.isSourceLoaded('points')) return;
    const numbers = new Map<string, Placed>();
    for (const { properties, geometry } of map.queryRenderedFeatures({ layers: ['clusters'] })) {
      if (geometry.type !== 'Point' || numbers.size >= MAX_NUMBERS) continue;
      const [lon = 0, lat = 0] = geometry.coordinates;
      const element = document.createElement('span');
      element.className = `map-cluster severity-${String(properties['severity'])}`;
      const count = Number(properties['point_count']);
      // As wide as the circle beneath it, and over the names of places.
      element.style.width = element.style.height = `${2 * clusterRadiusPx(count) + 2}px`;
      element.textContent = this.#format.format(count);
      // A circle on the border of two tiles is told twice.
      numbers.set(String(properties['cluster_id']), { lon, lat, element });
    }
    this.#placed = [...numbers.values()];
    this.#box.replaceChildren(...this.#placed.map(({ element }) => element));
    this.#follow();
  };

  readonly #follow = (): void => {
    for (const { lon, lat, element } of this.#placed) {
      const { x, y } = this.#map.project([lon, lat]);
      element.style.transform = `translate(${x}px, ${y}px) translate(-50%, -50%)`;
    }
  };
}
