import { useEffect, useRef, useState } from 'react';
import type { Map as MapLibreMap } from 'maplibre-gl';
import type { AreaAnswer } from '@halo/shapes/protocol/areas.ts';
import { count } from '../texts/format.ts';
import { t } from '../texts/texts.ts';
import { useColours } from '../shell/use-colours.ts';
import { makeMap, mapStyle } from './base-map.ts';
import type { Spots } from './base-map.ts';

/** A county with the devices that follow it. */
export interface MapRegion {
  readonly area: AreaAnswer;
  /** Undefined where that is not known: to who may not see devices, and before they have been asked for. */
  readonly devices: number | undefined;
}

/** How near the map goes to a county. */
const REGION_ZOOM = 7;
/** Width of the mark of a county, in pixels: of one device, and for each tenfold more. */
const MARK_PX = 26;
const MARK_GROWTH_PX = 9;
/** The same where none follows it: there to be pressed. */
const NO_DEVICE_PX = 24;

/** Counties with their devices, and incidents, on a map of our own data. Each county is a button. */
export function RegionMap({
  regions,
  chosen,
  spots,
  onChoose,
}: {
  regions: readonly MapRegion[];
  chosen: string | undefined;
  spots: Spots;
  onChoose: (code: string) => void;
}) {
  const container = useRef<HTMLDivElement>(null);
  const [map, setMap] = useState<MapLibreMap | 'failed'>();
  const colours = useColours();
  useEffect(() => {
    if (container.current === null) return undefined;
    const made = makeMap(container.current);
    if (made === undefined) {
      setMap('failed');
      return undefined;
    }
    made.once('load', () => setMap(made));
    return () => {
      made.remove();
      setMap(undefined);
    };
  }, []);
  const drawn = map === 'failed' ? undefined : map;
  useEffect(() => {
    drawn?.setStyle(mapStyle(spots));
  }, [drawn, spots, colours]);
  const area = regions.find((region) => region.area.code === chosen)?.area;
  useEffect(() => {
    if (area === undefined) return;
    const animate = !matchMedia('(prefers-reduced-motion: reduce)').matches;
    drawn?.easeTo({ center: [area.lon, area.lat], zoom: REGION_ZOOM, animate });
  }, [drawn, area]);
  if (map === 'failed') return <p className="note">{t.map.noWebGl}</p>;
  return (
    <div className="map-frame">
      <div ref={container} className="map-canvas" />
      {drawn !== undefined && <Marks map={drawn} regions={regions} chosen={chosen} onChoose={onChoose} />}
      <div className="map-controls">
        <button
          type="button"
          className="map-button"
          aria-label={t.map.zoomIn}
          onClick={() => drawn?.zoomIn()}
        >
          +
        </button>
        <button
          type="button"
          className="map-button"
          aria-label={t.map.zoomOut}
          onClick={() => drawn?.zoomOut()}
        >
          −
        </button>
      </div>
    </div>
  );
}

/** The counties' marks, as HTML over the canvas: words on it would need files of glyphs. */
function Marks({
  map,
  regions,
  chosen,
  onChoose,
}: {
  map: MapLibreMap;
  regions: readonly MapRegion[];
  chosen: string | undefined;
  onChoose: (code: string) => void;
}) {
  const [, setMoves] = useState(0);
  useEffect(() => {
    const moved = () => setMoves((moves) => moves + 1);
    map.on('move', moved);
    map.on('resize', moved);
    return () => {
      map.off('move', moved);
      map.off('resize', moved);
    };
  }, [map]);
  return (
    <ul className="map-marks" aria-label={t.map.regions}>
      {regions.map(({ area, devices }) => {
        const { x, y } = map.project([area.lon, area.lat]);
        const has = devices !== undefined && devices > 0;
        const size = has ? MARK_PX + MARK_GROWTH_PX * Math.log10(devices) : NO_DEVICE_PX;
        const label = devices === undefined ? area.name : `${area.name}: ${t.map.devicesHere(devices)}`;
        return (
          <li key={area.code} style={{ transform: `translate(${x}px, ${y}px)` }}>
            <button
              type="button"
              className={has ? 'map-mark' : 'map-mark map-mark-none'}
              aria-pressed={area.code === chosen}
              aria-label={label}
              title={label}
              style={{ width: size, height: size }}
              onClick={() => onChoose(area.code)}
            >
              {has && count(devices)}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
