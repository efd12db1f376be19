import type { Box } from '../tiles.ts';

/**
 * Cuts a box into parts whose longitudes are within ±180 and ascend. The box may reach over the antimeridian, which may be written
 * as 180 or as -180: a part that touches it holds both.
 */
export function partsOf({ minLat, maxLat, minLon, maxLon }: Box): Box[] {
  const lats = { minLat: Math.max(-90, minLat), maxLat: Math.min(90, maxLat) };
  if (maxLon - minLon >= 360) return [{ ...lats, minLon: -180, maxLon: 180 }];
  const parts: Box[] = [];
  if (minLon < -180) parts.push({ ...lats, minLon: minLon + 360, maxLon: 180 });
  if (maxLon > 180) parts.push({ ...lats, minLon: -180, maxLon: maxLon - 360 });
  parts.push({ ...lats, minLon: Math.max(-180, minLon), maxLon: Math.min(180, maxLon) });
  const touches = (lon: number) => parts.some((part) => part.minLon === lon || part.maxLon === lon);
  for (const [seam, other] of [
    [180, -180],
    [-180, 180],
  ] as const)
    if (touches(seam) && !touches(other)) parts.push({ ...lats, minLon: other, maxLon: other });
  return parts;
}

/** SQL that holds for rows whose `lat` and `lon` are in one of the parts; `place` gives a value its placeholder. */
export function inBoxes(parts: readonly Box[], place: (value: unknown) => string): string {
  const conditions = parts.map(({ minLat, maxLat, minLon, maxLon }) => {
    const [south, north, west, east] = [minLat, maxLat, minLon, maxLon].map(
      (degrees) => `${place(degrees)}::float8`,
    );
    // The first is for the index, whose comparisons have some tolerance; the rest is exact.
    return (
      `point(incidents.lon, incidents.lat) <@ box(point(${west}, ${south}), point(${east}, ${north})) ` +
      `AND incidents.lat BETWEEN ${south} AND ${north} AND incidents.lon BETWEEN ${west} AND ${east}`
    );
  });
  return `(${conditions.join(' OR ')})`;
}
