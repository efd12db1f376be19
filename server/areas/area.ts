import type { AreaBasis, AreaKind } from '@halo/shapes/taxonomy/states.ts';
import type { Outline } from './outline.ts';

/** A named place with a code and a centre. */
export interface Area {
  /**
   * Official code: two digits for a county, four for a municipality (its first two are the county's). A district's is its
   * municipality's, a dash, and its own.
   */
  readonly code: string;
  readonly kind: AreaKind;
  readonly name: string;
  readonly parentCode: string | null;
  readonly lat: number;
  readonly lon: number;
}

/** The areas that a point lies in, by their codes. Each is part of the one before it. */
export interface PointAreas {
  readonly county: string;
  readonly municipality: string;
  readonly district: string | null;
  /** How they were found: by an outline that holds the point, or by the nearest centre of a municipality. */
  readonly basis: Exclude<AreaBasis, 'declared'>;
}

/** All areas that this server knows, searchable. Pure and in memory. */
export interface Gazetteer {
  all(): readonly Area[];
  byCode(code: string): Area | undefined;
  /** Finds a county by its name, whatever the case, with or without "län". */
  countyByName(name: string): Area | undefined;
  /** Finds a municipality by its name, whatever the case; names are unique in Sweden. */
  municipalityByName(name: string): Area | undefined;
  /**
   * The areas that a point (WGS84 degrees) lies in. Undefined for one that no outline holds and that is farther than
   * 150 km from every municipality's centre.
   */
  areasOfPoint(lat: number, lon: number): PointAreas | undefined;
  /** The area's outline; undefined where no file gave one. */
  outlineOf(code: string): Outline | undefined;
}
