import type { AreaSet } from '../area-set.ts';
import type { Area } from '../area.ts';
import { isFar } from '../nearest-centre.ts';
import { boxOf, centreOf } from '../outline.ts';
import type { Outline } from '../outline.ts';
import { areaFault } from './area-fault.ts';
import { createMunicipalityOf } from './municipality-of.ts';
import type { AreaFeature } from './read-area-file.ts';

/** Areas that all files together may give. */
export const MAX_AREAS = 20_000;

/**
 * The areas of `base` with those of files laid over them. Outlines and names are the files'. A centre that `base` has
 * stays: official events are placed there, and link by it. Pure.
 *
 * A municipality lies in the county that its code begins with. A district lies in the municipality that a property names,
 * and without one in that whose outline holds most of it.
 *
 * @throws HaloError `areas_invalid`
 */
export function mergeAreas(base: AreaSet, features: readonly AreaFeature[]): AreaSet {
  const ofKind = (kind: Area['kind']) => features.filter((feature) => feature.kind === kind);
  const merged = new Merge(base);
  for (const feature of ofKind('county')) merged.add(feature, feature.code ?? '', null);
  for (const feature of ofKind('municipality'))
    merged.add(feature, feature.code ?? '', countyOf(feature, merged));
  // Whatever order the files come in, districts are placed once all municipalities are there.
  const municipalityOf = createMunicipalityOf(merged.set());
  for (const feature of ofKind('district')) {
    const municipality = municipalityOf(feature);
    merged.add(feature, districtCode(feature, municipality), municipality);
  }
  return merged.set();
}

/** Areas while files are laid over them. */
class Merge {
  readonly #areas: Map<string, Area>;
  readonly #outlines: Map<string, Outline>;
  readonly #givenBy = new Map<string, AreaFeature>();

  constructor({ areas, outlines }: AreaSet) {
    this.#areas = new Map(areas.map((area) => [area.code, area]));
    this.#outlines = new Map(outlines);
  }

  set(): AreaSet {
    return { areas: [...this.#areas.values()], outlines: new Map(this.#outlines) };
  }

  find(code: string): Area | undefined {
    return this.#areas.get(code);
  }

  add(feature: AreaFeature, code: string, parentCode: string | null): void {
    const { kind, name, outline, place } = feature;
    const twin = this.#givenBy.get(code)?.place;
    if (twin !== undefined) {
      const what = `the code ${code} is also that of ${twin.file}, feature ${twin.feature} ("${twin.name}")`;
      throw areaFault(place, what, 'Give each area once, and districts of one name codes of their own.');
    }
    this.#givenBy.set(code, feature);
    if (this.#givenBy.size > MAX_AREAS)
      throw areaFault(place, `by here there are more than ${MAX_AREAS} areas`, 'Give fewer or larger areas.');
    const known = this.#areas.get(code);
    if (known !== undefined) checkPosition(known, feature);
    const { lat, lon } = known ?? centreOf(outline);
    this.#areas.set(code, { code, kind, name, parentCode, lat, lon });
    this.#outlines.set(code, outline);
  }
}

/** An outline far from the area that it is said to be is another area's, or has its axes swapped. */
function checkPosition({ name, lat, lon }: Area, { outline, place }: AreaFeature): void {
  const { west, south, east, north } = boxOf(outline);
  const [nearLat, nearLon] = [Math.min(Math.max(lat, south), north), Math.min(Math.max(lon, west), east)];
  if (!isFar(lat, lon, nearLat, nearLon)) return;
  const what = `its outline lies far from ${name}, which is at latitude ${lat}, longitude ${lon}`;
  throw areaFault(place, what, 'Positions are [longitude, latitude]; check them, and the code.');
}

function countyOf({ code = '', parent, place }: AreaFeature, merged: Merge): string {
  const county = code.slice(0, 2);
  if (parent !== undefined && parent !== county) {
    const what = `its code ${code} says county ${county}, and a property ${parent}`;
    throw areaFault(place, what, 'A municipality’s code begins with that of its county: mend one of them.');
  }
  if (merged.find(county)?.kind === 'county') return county;
  throw areaFault(place, `there is no county ${county}`, 'Give a file with its county, too.');
}

const MAX_CODE_LENGTH = 32;

/** A district's code: its municipality's, a dash, and its own or else its name in plain letters. */
function districtCode({ code, name, place }: AreaFeature, municipality: string): string {
  const prefix = `${municipality}-`;
  const own = code ?? plainLetters(name);
  const whole = own.startsWith(prefix) ? own : prefix + own;
  if (own !== '' && whole.length <= MAX_CODE_LENGTH) return whole;
  const hint = `Give it a property code of at most ${MAX_CODE_LENGTH - prefix.length} letters, digits and dashes.`;
  throw areaFault(place, 'no code can be made of its name', hint);
}

function plainLetters(name: string): string {
  const plain = name.normalize('NFD').toLowerCase().replace(/\p{M}/gu, '');
  return plain.replace(/[^0-9a-z]+/g, '-').replace(/^-|-$/g, '');
}
