// What a watch of positions needs once it has one: an app loads it then.
export { stepGeofence } from './geofence.ts';
export { placesOf } from './places.ts';
export { WATCHED_PLACES } from './watched-places.ts';
