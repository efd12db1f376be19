import { readFileSync, statSync } from 'node:fs';
import { messageOf } from '../../platform/errors.ts';
import type { Outline } from '../outline.ts';
import { areaFault } from './area-fault.ts';
import type { FeaturePlace } from './area-fault.ts';
import { countPositions, isObject, readGeometry } from './read-geometry.ts';
import { readProperties } from './read-properties.ts';
import type { AreaProperties } from './read-properties.ts';

/** Largest file that is read, in bytes: it is parsed as a whole. */
const MAX_FILE_BYTES = 128 * 1024 * 1024;
/** Positions that one file may have; each takes some 50 bytes of memory for good. */
export const MAX_POSITIONS = 1_000_000;
/** Coordinate systems that are WGS84 in degrees; others are not converted. */
const WGS84 = /(CRS84|EPSG:+(\d[\d.]*)?:?4326)$/i;

const FILE_HINT = 'Give GeoJSON files (RFC 7946), several of them separated by commas.';

/** An area as a file has it. */
export interface AreaFeature extends AreaProperties {
  readonly place: FeaturePlace;
  readonly outline: Outline;
}

/**
 * Reads one GeoJSON file: a FeatureCollection whose features are areas.
 *
 * @param file its path
 * @throws HaloError `areas_invalid`, naming file and feature
 */
export function readAreaFile(file: string): AreaFeature[] {
  const document = parse(file);
  if (!isObject(document) || document['type'] !== 'FeatureCollection' || !Array.isArray(document['features']))
    throw areaFault({ file }, 'it is no GeoJSON FeatureCollection', FILE_HINT);
  checkCrs(document['crs'], file);
  let positions = 0;
  return (document['features'] as unknown[]).map((feature, index) => {
    const place = { file, feature: index };
    if (!isObject(feature) || feature['type'] !== 'Feature')
      throw areaFault(place, 'it is no GeoJSON Feature', FILE_HINT);
    const properties = readProperties(isObject(feature['properties']) ? feature['properties'] : {}, place);
    const named = { ...place, name: properties.name };
    const outline = readGeometry(feature['geometry'], named);
    positions += countPositions(outline);
    if (positions > MAX_POSITIONS) {
      const what = `by here the file has more than ${MAX_POSITIONS} positions`;
      throw areaFault(named, what, 'Give a generalised file: simplify its outlines.');
    }
    return { ...properties, place: named, outline };
  });
}

function parse(file: string): unknown {
  let text: string;
  try {
    const { size } = statSync(file);
    if (size > MAX_FILE_BYTES)
      throw areaFault({ file }, `it has more than ${MAX_FILE_BYTES} bytes`, 'Give a generalised file.');
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw areaFault({ file }, `it cannot be read (${messageOf(error)})`, FILE_HINT, error);
  }
  try {
    // Some programs begin a file with a byte-order mark.
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw areaFault({ file }, `it is no JSON (${messageOf(error)})`, FILE_HINT, error);
  }
}

/** GeoJSON is WGS84; files of before RFC 7946 may say another system. */
function checkCrs(crs: unknown, file: string): void {
  if (crs === undefined || crs === null) return;
  const properties = isObject(crs) ? crs['properties'] : undefined;
  const name = isObject(properties) ? properties['name'] : undefined;
  if (typeof name === 'string' && WGS84.test(name)) return;
  const what = `its coordinates are of the system ${typeof name === 'string' ? name : 'that crs says'}`;
  throw areaFault({ file }, what, 'Convert them to WGS84 degrees (EPSG:4326), longitude first.');
}
