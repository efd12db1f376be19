import { foldCountyName, foldName } from './area-names.ts';
import { builtInAreas } from './area-set.ts';
import type { AreaSet } from './area-set.ts';
import type { Gazetteer } from './area.ts';
import { createPointAreas } from './point-areas.ts';

/** The built-in gazetteer, or one over `set`. */
export function createGazetteer(set: AreaSet = builtInAreas()): Gazetteer {
  const all = Object.freeze([...set.areas]);
  const ofKind = (wanted: string) => all.filter(({ kind }) => kind === wanted);
  const byCode = new Map(all.map((area) => [area.code, area]));
  const municipalityNames = new Map(ofKind('municipality').map((area) => [foldName(area.name), area]));
  const countyNames = new Map(ofKind('county').map((area) => [foldCountyName(area.name), area]));
  return {
    all: () => all,
    byCode: (code) => byCode.get(code),
    countyByName: (name) => countyNames.get(foldCountyName(name)),
    municipalityByName: (name) => municipalityNames.get(foldName(name)),
    areasOfPoint: createPointAreas(set),
    outlineOf: (code) => set.outlines.get(code),
  };
}
