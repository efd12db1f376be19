import type { AreaKind } from '@halo/shapes/taxonomy/states.ts';

/** A named place with a code and a centre. */
export interface Area {
  /** Official code: two digits for a county, four for a municipality (its first two are the county's). */
  readonly code: string;
  readonly kind: AreaKind;
  readonly name: string;
  readonly parentCode: string | null;
  readonly lat: number;
  readonly lon: number;
}

/** The built-in list of areas, searchable. Pure and in memory. */
export interface Gazetteer {
  all(): readonly Area[];
  byCode(code: string): Area | undefined;
  /** Finds a county by its name, whatever the case, with or without "län". */
  countyByName(name: string): Area | undefined;
  /** Finds a municipality by its name, whatever the case; names are unique in Sweden. */
  municipalityByName(name: string): Area | undefined;
  /** The municipality whose centre is nearest, or undefined farther than 150 km from every centre. */
  nearestMunicipality(lat: number, lon: number): Area | undefined;
}
