import { foldName } from '../area-names.ts';
import type { AreaSet } from '../area-set.ts';
import { OutlineIndex } from '../outline-index.ts';
import { boxOf, centreOf } from '../outline.ts';
import type { Outline } from '../outline.ts';
import { areaFault } from './area-fault.ts';
import type { AreaFeature } from './read-area-file.ts';

/** A district is looked at in so many points each way. */
const SAMPLES = 16;

/**
 * Makes the function that tells the code of a district's municipality: the one that its property names by code or name,
 * and without one that whose outline holds more than half of it. The nearest centre is not asked: it would place half of
 * Stockholm's districts in other municipalities.
 *
 * @throws HaloError `areas_invalid`, from that function
 */
export function createMunicipalityOf({ areas, outlines }: AreaSet): (district: AreaFeature) => string {
  const municipalities = areas.filter(({ kind }) => kind === 'municipality');
  const codes = new Set(municipalities.map(({ code }) => code));
  const names = new Map(municipalities.map(({ name, code }) => [foldName(name), code]));
  const outlined = municipalities.flatMap(({ code }) => {
    const outline = outlines.get(code);
    return outline === undefined ? [] : [{ code, outline }];
  });
  const index = new OutlineIndex(outlined.map(({ outline }) => outline));
  return ({ parent, outline, place }) => {
    if (parent !== undefined) {
      const code = codes.has(parent) ? parent : names.get(foldName(parent));
      if (code !== undefined) return code;
      const hint = 'Name it by its code of four digits, or give a file with its municipality, too.';
      throw areaFault(place, `there is no municipality ${parent}`, hint);
    }
    const code = outlined[holderOfMost(outline, index) ?? -1]?.code;
    if (code !== undefined) return code;
    const what = 'nothing says in which municipality it lies';
    const hint =
      'Name it by a property, municipality_code for example, or give a file with the municipalities’ outlines, too.';
    throw areaFault(place, what, hint);
  };
}

/** The number in the index of the area that holds more than half of an outline. */
function holderOfMost(outline: Outline, index: OutlineIndex): number | undefined {
  const points = pointsIn(outline);
  const held = new Map<number, number>();
  for (const { lat, lon } of points) {
    const holder = index.find(lat, lon);
    if (holder !== undefined) held.set(holder, (held.get(holder) ?? 0) + 1);
  }
  for (const [holder, count] of held) if (count * 2 > points.length) return holder;
  return undefined;
}

/** Points of an even grid that lie in an outline; its centre where it is too thin for any. */
function pointsIn(outline: Outline): readonly { lat: number; lon: number }[] {
  const { west, south, east, north } = boxOf(outline);
  const own = new OutlineIndex([outline]);
  const shares = Array.from({ length: SAMPLES }, (_, at) => (at + 0.5) / SAMPLES);
  const grid = shares.flatMap((up) =>
    shares.map((along) => ({ lat: south + up * (north - south), lon: west + along * (east - west) })),
  );
  const inside = grid.filter(({ lat, lon }) => own.find(lat, lon) !== undefined);
  return inside.length > 0 ? inside : [centreOf(outline)];
}
