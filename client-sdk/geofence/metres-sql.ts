const DIAMETER_M = 12_742_017.6;

/** SQL for the great-circle metres between two places, whose degrees are given as SQL. */
export function metresSql(aLat: string, aLon: string, bLat: string, bLon: string): string {
  return `${DIAMETER_M} * asin(sqrt(least(1, power(sin(radians(${aLat} - ${bLat}) / 2), 2) +
    cos(radians(${aLat})) * cos(radians(${bLat})) * power(sin(radians(${aLon} - ${bLon}) / 2), 2))))`;
}
