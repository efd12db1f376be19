import type { Map as MapLibreMap } from 'maplibre-gl';

/** A layer of HTML over a map for what is written on it, which a screen reader passes over: lists say the same. */
export function labelBox(map: MapLibreMap): HTMLElement {
  const box = document.createElement('div');
  box.className = 'map-labels';
  box.setAttribute('aria-hidden', 'true');
  map.getCanvasContainer().append(box);
  return box;
}
