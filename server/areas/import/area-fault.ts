import { HaloError } from '../../platform/errors.ts';

/** Where in the given files something is: which file, and which feature of it, counted from 0 as in the file's list. */
export interface FeaturePlace {
  readonly file: string;
  readonly feature?: number | undefined;
  readonly name?: string | undefined;
}

/** What is wrong with a file of areas, and what to do: `areas_invalid`, which ends the start. */
export function areaFault(place: FeaturePlace, what: string, hint: string, cause?: unknown): HaloError {
  const { file, feature, name } = place;
  const named = name === undefined ? '' : ` ("${name}")`;
  const where = feature === undefined ? file : `${file}, feature ${feature}${named}`;
  return new HaloError('areas_invalid', `HALO_AREAS: ${where}: ${what}.`, {
    field: 'HALO_AREAS',
    hint,
    cause,
  });
}
