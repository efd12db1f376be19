import type { DraftPosition } from './report-draft.ts';
import { t } from '../texts/texts.ts';

/** A position is waited for at most this long. */
const LOCATE_LIMIT_MS = 30_000;
/** A position at most this old is as good as a new one. */
const MAX_AGE_MS = 10_000;
/** Largest radius that a report may have, in metres (the server's rule). */
const MAX_ACCURACY_M = 100_000;
/** Decimals of a degree that are kept: about a tenth of a metre. */
const DECIMALS = 6;

/** Asks the device where it is; resolves with the position, or with what to tell the person. */
export function locatePerson(): Promise<DraftPosition | { readonly problem: string }> {
  return new Promise((resolve) => {
    if (!('geolocation' in navigator)) return resolve({ problem: t.positionUnavailable });
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve(positionOf(coords)),
      (error) =>
        resolve({
          problem: error.code === error.PERMISSION_DENIED ? t.positionDenied : t.positionUnavailable,
        }),
      { enableHighAccuracy: true, timeout: LOCATE_LIMIT_MS, maximumAge: MAX_AGE_MS },
    );
  });
}

/** A position as the device has measured it. */
export function positionOf({
  latitude,
  longitude,
  accuracy,
}: Pick<GeolocationCoordinates, 'latitude' | 'longitude' | 'accuracy'>): DraftPosition {
  return {
    lat: rounded(latitude),
    lon: rounded(longitude),
    accuracyM: Math.min(MAX_ACCURACY_M, Math.ceil(accuracy)),
    source: 'device',
  };
}

/** A coordinate without digits that mean nothing. */
export function rounded(degrees: number): number {
  return Number(degrees.toFixed(DECIMALS));
}
