import type { Map as MapLibreMap } from 'maplibre-gl';
import { labelBox } from './label-box.ts';

/** A word on the map at a place. */
export interface MapLabel {
  readonly text: string;
  readonly lat: number;
  readonly lon: number;
  /** Shown from this zoom on, and below the other. */
  readonly minZoom: number;
  readonly maxZoom: number;
  /** Where two would overlap the higher rank is shown. */
  readonly rank: number;
  readonly kind: 'county' | 'municipality';
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Space kept free around a label, in pixels. */
const GAP_PX = 6;

/** Which of the boxes, the most important first, can be shown without any two touching. */
export function declutter(boxes: readonly Box[]): boolean[] {
  const kept: Box[] = [];
  return boxes.map((box) => {
    if (kept.some((other) => touches(box, other))) return false;
    kept.push(box);
    return true;
  });
}

function touches(a: Box, b: Box): boolean {
  return (
    Math.abs(a.x - b.x) * 2 < a.width + b.width + 2 * GAP_PX &&
    Math.abs(a.y - b.y) * 2 < a.height + b.height + 2 * GAP_PX
  );
}

interface PlacedLabel {
  readonly label: MapLabel;
  readonly element: HTMLElement;
  width: number;
  height: number;
}

/**
 * Labels as HTML over the map: its own text would need glyph files of every letter. They follow each movement
 * and are chosen anew when it ends.
 */
export class LabelLayer {
  readonly #map: MapLibreMap;
  readonly #box: HTMLElement;
  #placed: PlacedLabel[] = [];

  constructor(map: MapLibreMap) {
    this.#map = map;
    this.#box = labelBox(map);
    map.on('move', this.#follow);
    map.on('moveend', this.#choose);
    map.on('resize', this.#choose);
  }

  /** Replaces all labels. */
  set(labels: readonly MapLabel[]): void {
    this.#placed = labels
      .toSorted((a, b) => b.rank - a.rank)
      .map((label) => {
        const element = document.createElement('span');
        element.className = `map-label map-label-${label.kind}`;
        element.textContent = label.text;
        return { label, element, width: 0, height: 0 };
      });
    this.#box.replaceChildren(...this.#placed.map(({ element }) => element));
    for (const placed of this.#placed) {
      placed.width = placed.element.offsetWidth;
      placed.height = placed.element.offsetHeight;
    }
    this.#choose();
  }

  remove(): void {
    this.#map.off('move', this.#follow);
    this.#map.off('moveend', this.#choose);
    this.#map.off('resize', this.#choose);
    this.#box.remove();
  }

  readonly #follow = (): void => {
    for (const { label, element } of this.#placed) {
      if (element.hidden) continue;
      const { x, y } = this.#map.project([label.lon, label.lat]);
      element.style.transform = `translate(${x}px, ${y}px) translate(-50%, 6px)`;
    }
  };

  readonly #choose = (): void => {
    const zoom = this.#map.getZoom();
    const { clientWidth, clientHeight } = this.#map.getContainer();
    const candidates = this.#placed.filter(({ label, element }) => {
      element.hidden = true;
      return zoom >= label.minZoom && zoom < label.maxZoom;
    });
    const boxes = candidates.map(({ label, width, height }) => {
      const { x, y } = this.#map.project([label.lon, label.lat]);
      return { x, y, width, height };
    });
    const inView = boxes.map(({ x, y }) => x > 0 && y > 0 && x < clientWidth && y < clientHeight);
    const visible = candidates.filter((_, n) => inView[n]);
    declutter(boxes.filter((_, n) => inView[n])).forEach((shown, n) => {
      const candidate = visible[n];
      if (candidate !== undefined) candidate.element.hidden = !shown;
    });
    this.#follow();
  };
}
