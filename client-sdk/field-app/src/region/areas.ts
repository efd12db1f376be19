import { useMemo } from 'react';
import { useLive } from '@halo/client/react';
import { locale } from '../texts/texts.ts';

const AREAS_SQL = 'SELECT code, kind, name, parent_code, lat, lon FROM areas';

/** A county, municipality or district with its centre. */
export type AreaRow = {
  readonly code: string;
  readonly kind: string;
  readonly name: string;
  readonly parent_code: string | null;
  readonly lat: number;
  readonly lon: number;
};

/** The gazetteer on the device. */
export interface Areas {
  readonly counties: readonly AreaRow[];
  readonly municipalities: readonly AreaRow[];
  /** False until the device has been asked: then nothing can be said of where something is. */
  readonly areRead: boolean;
  find(code: string | null | undefined): AreaRow | undefined;
}

/** Arranges the gazetteer's rows; counties by name. */
export function arrangeAreas(read: readonly AreaRow[] | undefined): Areas {
  const rows = read ?? [];
  const byCode = new Map(rows.map((row) => [row.code, row]));
  return {
    counties: rows
      .filter(({ kind }) => kind === 'county')
      .toSorted((a, b) => a.name.localeCompare(b.name, locale)),
    municipalities: rows.filter(({ kind }) => kind === 'municipality'),
    areRead: read !== undefined,
    find: (code) => (code == null ? undefined : byCode.get(code)),
  };
}

/** The gazetteer; empty until it has come once. */
export function useAreas(): Areas {
  const rows = useLive<AreaRow>(AREAS_SQL, []);
  return useMemo(() => arrangeAreas(rows), [rows]);
}

/** The names of the areas that are known, the smallest first: "Södermalm, Stockholm". Undefined where none is. */
export function areaNames(
  areas: Pick<Areas, 'find'>,
  codes: readonly (string | null | undefined)[],
): string | undefined {
  const names = codes.map((code) => areas.find(code)?.name).filter((name) => name !== undefined);
  return names.length === 0 ? undefined : names.join(', ');
}

/** Metres per degree of latitude. */
const DEGREE_M = 111_320;

/** Distance in metres, on a plane that is flat enough to choose the nearest of several. */
export function roughDistanceM(
  a: { readonly lat: number; readonly lon: number },
  b: { readonly lat: number; readonly lon: number },
): number {
  const shrink = Math.cos((((a.lat + b.lat) / 2) * Math.PI) / 180);
  return Math.hypot((a.lat - b.lat) * DEGREE_M, (a.lon - b.lon) * DEGREE_M * shrink);
}

/** The municipality whose centre is nearest; undefined where none is known. */
export function nearestMunicipality(
  { municipalities }: Pick<Areas, 'municipalities'>,
  at: { readonly lat: number; readonly lon: number },
): AreaRow | undefined {
  let best: AreaRow | undefined;
  let bestM = Infinity;
  for (const area of municipalities) {
    const distanceM = roughDistanceM(at, area);
    if (distanceM < bestM) [best, bestM] = [area, distanceM];
  }
  return best;
}

/** County of the municipality whose centre is nearest. */
export function countyNear({ municipalities }: Areas, at: { lat: number; lon: number }): string | undefined {
  const inCounties = municipalities.filter(({ parent_code }) => parent_code !== null);
  return nearestMunicipality({ municipalities: inCounties }, at)?.parent_code ?? undefined;
}
