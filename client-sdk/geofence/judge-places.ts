// What a watch of positions needs once it has one: an app loads it then.
export { WATCHED_FORECASTS } from './forecast-places.ts';
export { stepGeofence } from './geofence.ts';
export { placesOf } from './places.ts';
