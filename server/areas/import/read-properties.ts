import { AREA_KINDS } from '@halo/shapes/taxonomy/states.ts';
import type { AreaKind } from '@halo/shapes/taxonomy/states.ts';
import { isStorableText } from '../../platform/storable-text.ts';
import { displayName } from '../area-names.ts';
import { areaFault } from './area-fault.ts';
import type { FeaturePlace } from './area-fault.ts';

/**
 * The names that a feature's properties may have, whatever their case; the first that is there counts, and others are passed
 * over. `KnKod` and its kin are those of Statistics Sweden's own files.
 */
export const PROPERTY_NAMES = {
  /** `county`, `municipality` or `district`. Without it the code's form says which. */
  kind: ['kind'],
  code: ['code', 'kod', 'knkod', 'lnkod'],
  name: ['name', 'namn', 'knnamn', 'lnnamn'],
  /** Code of the county that a municipality lies in; its own code says the same. */
  county: ['county_code', 'lankod'],
  /** Code or name of the municipality that a district lies in. */
  municipality: ['municipality_code', 'kommunkod', 'municipality', 'kommun'],
  /** Either of these two, by the area's kind. */
  parent: ['parent_code', 'parent'],
} as const satisfies Record<string, readonly string[]>;

/** What a feature says of its area. */
export interface AreaProperties {
  readonly kind: AreaKind;
  /** As the file has it; undefined for a district without one. */
  readonly code: string | undefined;
  readonly name: string;
  /** Code or name of the area above it, where the file names one. */
  readonly parent: string | undefined;
}

/** What a code must look like, as the table `areas` has it. */
const CODE = /^[0-9A-Za-z-]{1,32}$/;
const CODE_FORMS: Readonly<Record<AreaKind, RegExp>> = {
  county: /^\d{2}$/,
  municipality: /^\d{4}$/,
  district: CODE,
};
const MAX_NAME_LENGTH = 120;
const CODE_HINT =
  'Counties have codes of two digits and municipalities of four; those of districts are letters, digits and dashes.';

/**
 * What the properties of a feature say.
 *
 * @throws HaloError `areas_invalid`
 */
export function readProperties(properties: Record<string, unknown>, place: FeaturePlace): AreaProperties {
  const byName = new Map(Object.entries(properties).map(([key, value]) => [key.toLowerCase(), value]));
  const said = (meaning: keyof typeof PROPERTY_NAMES) => textOf(byName, PROPERTY_NAMES[meaning], place);
  const name = displayName(said('name') ?? '');
  if (name === '' || name.length > MAX_NAME_LENGTH || !isStorableText(name)) {
    const hint = `Give it a property ${PROPERTY_NAMES.name[0]} of 1 to ${MAX_NAME_LENGTH} characters, without NUL.`;
    throw areaFault(place, 'it has no usable name', hint);
  }
  const where = { ...place, name };
  const [code, municipality] = [said('code'), said('municipality')];
  const kind = kindOf(said('kind'), code, municipality, where);
  if (code !== undefined && !CODE_FORMS[kind].test(code))
    throw areaFault(where, `"${code}" is no code of a ${kind}`, CODE_HINT);
  if (code === undefined && kind !== 'district') throw areaFault(where, `a ${kind} needs a code`, CODE_HINT);
  const above = kind === 'district' ? municipality : kind === 'municipality' ? said('county') : undefined;
  return { kind, code, name, parent: above ?? said('parent') };
}

function kindOf(
  said: string | undefined,
  code: string | undefined,
  municipality: string | undefined,
  place: FeaturePlace,
): AreaKind {
  if (said !== undefined) {
    const kind = AREA_KINDS.find((known) => known === said.toLowerCase());
    if (kind !== undefined) return kind;
    throw areaFault(place, `"${said}" is no kind of area`, `Kinds are ${AREA_KINDS.join(', ')}.`);
  }
  if (code === undefined || municipality !== undefined) return 'district';
  return CODE_FORMS.county.test(code)
    ? 'county'
    : CODE_FORMS.municipality.test(code)
      ? 'municipality'
      : 'district';
}

function textOf(
  properties: ReadonlyMap<string, unknown>,
  names: readonly string[],
  place: FeaturePlace,
): string | undefined {
  for (const name of names) {
    const value = properties.get(name) ?? '';
    if (value === '') continue;
    if (typeof value === 'string') return value.trim();
    // A code that was written as a number has lost its leading zeros.
    const hint = 'Write it as a text in quotes; a number loses its leading zeros.';
    throw areaFault(place, `its property ${name} is no text`, hint);
  }
  return undefined;
}
