import { HaloClientError } from '../../errors.ts';
import type { PositionSource } from '../../geofence/position-source.ts';

/** A position at most this old is as good as a new one, in milliseconds: the receiver need not be switched on for it. */
const MAX_AGE_MS = 60_000;

/** How exactly the browser is to look. */
export interface BrowserPositionOptions {
  /** Uses the satellite receiver all the time; without it what costs little, often some 20 to 100 m in a town. */
  readonly highAccuracy?: boolean;
}

/**
 * The positions of the browser's Geolocation API, gently on the battery. The browser asks the person for permission when
 * it is started, so start it on a press. Fails with `position_denied` where it was refused, and with
 * `position_unavailable` where there is none; browsers give positions only while the page is looked at.
 */
export function browserPositions({ highAccuracy = false }: BrowserPositionOptions = {}): PositionSource {
  return (tell, fail) => {
    const geolocation = (globalThis.navigator as Navigator | undefined)?.geolocation;
    if (geolocation === undefined) {
      const none = new HaloClientError('position_unavailable', 'This browser tells no positions.');
      queueMicrotask(() => fail(none));
      return () => {};
    }
    const id = geolocation.watchPosition(
      ({ coords: { latitude, longitude, accuracy } }) =>
        tell({ lat: latitude, lon: longitude, accuracyM: accuracy }),
      ({ code, message, PERMISSION_DENIED }) =>
        fail(
          new HaloClientError(
            code === PERMISSION_DENIED ? 'position_denied' : 'position_unavailable',
            message === '' ? 'The browser has no position.' : message,
          ),
        ),
      { enableHighAccuracy: highAccuracy, maximumAge: MAX_AGE_MS },
    );
    return () => geolocation.clearWatch(id);
  };
}
