import type { Area } from './area.ts';
import { readGazetteerFile } from './gazetteer-file.ts';
import type { Outline } from './outline.ts';

/** Areas with what is known of their outlines. */
export interface AreaSet {
  readonly areas: readonly Area[];
  /** By the areas' codes. */
  readonly outlines: ReadonlyMap<string, Outline>;
}

/** Sweden's counties and municipalities by their centres, without outlines. */
export function builtInAreas(): AreaSet {
  return { areas: readGazetteerFile(), outlines: new Map() };
}
