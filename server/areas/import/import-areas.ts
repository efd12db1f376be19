import type { Logger } from '../../platform/logger.ts';
import { builtInAreas } from '../area-set.ts';
import type { AreaSet } from '../area-set.ts';
import { mergeAreas } from './merge-areas.ts';
import { readAreaFile } from './read-area-file.ts';

/**
 * The built-in areas with those of GeoJSON files laid over them, and what came of it in the log.
 *
 * @param files their paths
 * @throws HaloError `areas_invalid`, naming file and feature
 */
export function importAreas(files: readonly string[], logger: Logger): AreaSet {
  const base = builtInAreas();
  if (files.length === 0) return base;
  const log = logger.child({ component: 'areas' });
  const features = files.flatMap((file) => {
    const found = readAreaFile(file);
    const count = (kind: string) => found.filter((feature) => feature.kind === kind).length;
    const [counties, municipalities, districts] = [count('county'), count('municipality'), count('district')];
    log.info({ file, counties, municipalities, districts }, 'areas read');
    return found;
  });
  return mergeAreas(base, features);
}
