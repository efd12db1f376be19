import { useEffect, useState } from 'react';
import { positionOf } from './locate.ts';
import type { DraftPosition } from './report-draft.ts';

/**
 * Where the device is, as it goes on, for as long as `wanted`; undefined until it is known. The person is not asked
 * for leave by this: without one given before, it measures nothing.
 */
export function useMeasuredPosition(wanted: boolean): DraftPosition | undefined {
  const [position, setPosition] = useState<DraftPosition>();
  useEffect(() => {
    if (!wanted || !('geolocation' in navigator) || !('permissions' in navigator)) return undefined;
    let watch: number | undefined;
    let over = false;
    const begin = async () => {
      const { state } = await navigator.permissions.query({ name: 'geolocation' });
      if (over || state !== 'granted') return;
      watch = navigator.geolocation.watchPosition(
        ({ coords }) => setPosition(positionOf(coords)),
        // A place that is known no more must not be sent as if it were.
        () => setPosition(undefined),
        { enableHighAccuracy: true },
      );
    };
    // Browsers that know no such permission say so by failing; then the person's press measures.
    begin().catch(() => undefined);
    return () => {
      over = true;
      if (watch !== undefined) navigator.geolocation.clearWatch(watch);
      setPosition(undefined);
    };
  }, [wanted]);
  return position;
}
