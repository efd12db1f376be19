import type { Area, PointAreas } from './area.ts';
import type { AreaSet } from './area-set.ts';
import { Centres } from './nearest-centre.ts';
import { OutlineIndex } from './outline-index.ts';

/**
 * Makes the function that tells which areas a point lies in. The finest outline that holds the point decides, and the
 * levels above follow from the area's own code: outlines of other levels are generalised in other ways, and a centre on the
 * coast may lie in no county's. Where no outline says which municipality it is, the nearest centre does (among those of the
 * county, where a county's outline holds the point).
 */
export function createPointAreas(set: AreaSet): (lat: number, lon: number) => PointAreas | undefined {
  const { areas } = set;
  const districts = outlinedOf(set, 'district');
  const municipalities = outlinedOf(set, 'municipality');
  const counties = outlinedOf(set, 'county');
  const everyMunicipality = areas.filter(({ kind }) => kind === 'municipality');
  const centres = new Centres(everyMunicipality);
  const centresOf = new Map(
    areas
      .filter(({ kind }) => kind === 'county')
      .map(({ code }) => [
        code,
        new Centres(everyMunicipality.filter(({ parentCode }) => parentCode === code)),
      ]),
  );
  const byCode = new Map(areas.map((area) => [area.code, area]));

  return (lat, lon) => {
    const district = districts(lat, lon);
    const outlined =
      district === undefined ? municipalities(lat, lon) : byCode.get(district.parentCode ?? '');
    if (outlined !== undefined) return pointAreas(outlined, district, 'polygon');
    const county = counties(lat, lon);
    const within = county === undefined ? undefined : centresOf.get(county.code)?.nearest(lat, lon);
    const nearest = within ?? centres.nearest(lat, lon);
    return nearest === undefined ? undefined : pointAreas(nearest, undefined, 'nearest_centre');
  };
}

function pointAreas(
  municipality: Area,
  district: Area | undefined,
  basis: PointAreas['basis'],
): PointAreas | undefined {
  if (municipality.parentCode === null) return undefined;
  const { code, parentCode: county } = municipality;
  return { county, municipality: code, district: district?.code ?? null, basis };
}

/** Finds the area of a kind whose outline holds a point. */
function outlinedOf(
  { areas, outlines }: AreaSet,
  kind: Area['kind'],
): (lat: number, lon: number) => Area | undefined {
  const outlined = areas
    .filter((area) => area.kind === kind)
    .flatMap((area) => {
      const outline = outlines.get(area.code);
      return outline === undefined ? [] : [{ area, outline }];
    })
    // So that a point on which two outlines lie has the same area in every process.
    .sort((a, b) => (a.area.code < b.area.code ? -1 : 1));
  const index = new OutlineIndex(outlined.map(({ outline }) => outline));
  return (lat, lon) => {
    const found = index.find(lat, lon);
    return found === undefined ? undefined : outlined[found]?.area;
  };
}
