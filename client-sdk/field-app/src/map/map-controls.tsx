import type { Map as MapLibreMap } from 'maplibre-gl';
import { t } from '../texts/texts.ts';
import { Icon } from '../ui/icon.tsx';

/** Buttons of a size for thumbs, for those who do not pinch. */
export function MapControls({ map, onWhole }: { map: MapLibreMap | undefined; onWhole: () => void }) {
  return (
    <div className="map-controls">
      <button type="button" className="map-button" aria-label={t.zoomIn} onClick={() => map?.zoomIn()}>
        <Icon name="plus" />
      </button>
      <button type="button" className="map-button" aria-label={t.zoomOut} onClick={() => map?.zoomOut()}>
        <svg className="icon" width="24" height="24" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M5 12h14" stroke="currentColor" strokeWidth="1.9" strokeLinecap="round" />
        </svg>
      </button>
      <button type="button" className="map-button" aria-label={t.wholeRegion} onClick={onWhole}>
        <Icon name="locate" />
      </button>
    </div>
  );
}
