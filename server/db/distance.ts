/**
 * Mean radius of the Earth in metres, of the sphere whose surface is as large as that of WGS84's ellipsoid; h3 goes by the same. On
 * the sphere distances are at most 0.6 % off.
 */
export const EARTH_RADIUS_M = 6_371_007.180918475;

/**
 * SQL of the distance in metres between the `lat` and `lon` of a table's row and a point, by the haversine formula: right for near points and
 * over the antimeridian and the poles alike. All operands are SQL expressions in degrees.
 */
export function distanceSql(table: string, lat: string, lon: string): string {
  // Adding and taking away makes nothing of what is below 0.1 µm: Postgres fails where such a number's product underflows.
  const radians = (degrees: string) => `radians(${degrees} + 1e-12::float8 - 1e-12::float8)`;
  const squared = (degrees: string) => `power(sin(${radians(degrees)} / 2), 2)`;
  const haversine =
    `${squared(`${table}.lat - ${lat}`)} + cos(${radians(lat)}) * cos(${radians(`${table}.lat`)}) * ` +
    squared(`${table}.lon - ${lon}`);
  return `2 * ${EARTH_RADIUS_M} * asin(least(1, sqrt(${haversine})))`;
}
