import { Component, Suspense, lazy } from 'react';
import type { ReactNode } from 'react';
import { t } from '../texts/texts.ts';
import type { IncidentMapProps } from './incident-map.tsx';
import type { PickerMapProps } from './picker-map.tsx';

// The map's code is a megabyte: it is fetched when a map is first shown, or from the precache.
const IncidentMap = lazy(() => import('./incident-map.tsx'));
const PickerMap = lazy(() => import('./picker-map.tsx'));

/** The map of incidents, with its place kept while its code comes. */
export function MapPane(props: IncidentMapProps) {
  return (
    <section className="pane pane-map" aria-label={t.map}>
      <MapBoundary>
        <IncidentMap {...props} />
      </MapBoundary>
    </section>
  );
}

/** The map for picking a place, likewise. */
export function PickerMapPane(props: PickerMapProps) {
  return (
    <MapBoundary>
      <PickerMap {...props} />
    </MapBoundary>
  );
}

/**
 * A map that fails takes nothing else with it. Its code cannot be fetched when another tab has let in a newer
 * version of the app: then a reload helps, at the person's wish.
 */
class MapBoundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (this.state.failed) {
      return (
        <div className="map-failed">
          <p>{t.mapStale}</p>
          <button type="button" className="button button-quiet" onClick={() => location.reload()}>
            {t.tryAgain}
          </button>
        </div>
      );
    }
    return <Suspense fallback={<div className="map-frame" />}>{this.props.children}</Suspense>;
  }
}
