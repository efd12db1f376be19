import { readFileSync } from 'node:fs';
import { AREA_KINDS } from '@halo/shapes/taxonomy/states.ts';
import { HaloError } from '../platform/errors.ts';
import type { Area } from './area.ts';

const FILE = new URL('./gazetteer.csv', import.meta.url);
const HEADER = 'code,kind,name,parent_code,lat,lon';

/**
 * Reads `gazetteer.csv`: Sweden's 21 counties and 290 municipalities with their official codes. A centre is
 * the area-weighted centroid of the largest part of the area's polygon, holes taken off, to four decimals
 * (about 10 m), computed once from the generalised boundaries of Statistics Sweden (counties) and of the
 * municipalities. No field holds a comma, so lines are split plainly.
 */
export function readGazetteerFile(): Area[] {
  const [header, ...lines] = readFileSync(FILE, 'utf8').trimEnd().split('\n');
  if (header !== HEADER) throw damaged(1);
  return lines.map((line, index) => parseLine(line) ?? raise(damaged(index + 2)));
}

function parseLine(line: string): Area | undefined {
  const [code, kindText, name, parentCode, latText, lonText, ...rest] = line.split(',');
  const kind = AREA_KINDS.find((known) => known === kindText);
  const lat = Number(latText);
  const lon = Number(lonText);
  if (!code || kind === undefined || !name || parentCode === undefined || rest.length > 0) return undefined;
  if (!latText || !lonText || !Number.isFinite(lat) || !Number.isFinite(lon)) return undefined;
  return { code, kind, name, parentCode: parentCode === '' ? null : parentCode, lat, lon };
}

function damaged(line: number): HaloError {
  return new HaloError(
    'gazetteer_damaged',
    `Line ${line} of the built-in gazetteer is not as it should be.`,
    {
      hint: 'Install Halo again: the file gazetteer.csv has been changed.',
    },
  );
}

function raise(error: Error): never {
  throw error;
}
