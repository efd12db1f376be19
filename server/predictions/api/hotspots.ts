import { cellToBoundary } from 'h3-js';
import type { Hotspot, Hotspots, PredictionStats } from '@halo/shapes/protocol/predictions.ts';
import { reasonWords } from '@halo/shapes/taxonomy/reason-words.ts';
import { RISK_BANDS } from '@halo/shapes/taxonomy/risk-bands.ts';
import type { RiskCategory } from '@halo/shapes/taxonomy/risk-categories.ts';
import type { Area } from '../../areas/area.ts';
import { HaloError } from '../../platform/errors.ts';
import { MAX_PLACES_A_REGION } from '../forecast.ts';
import { VALID_FOR_MS } from '../prediction-store.ts';
import type { Geometry, PredictionRoutesParts } from './api-parts.ts';
import { findHotspots, findWindow, lastSet, readStats } from './hotspot-store.ts';
import type { HotspotFilter, Near, PredictionRow } from './hotspot-store.ts';
import type { HotspotsQuery } from './route-declaration.ts';

/** Places of a county in one window: its cells that are kept, and its municipalities. */
const MAX_OF_COUNTY = MAX_PLACES_A_REGION * 2;

type Parts = Pick<PredictionRoutesParts, 'pool' | 'gazetteer' | 'outlineOf' | 'clock'>;

/**
 * Finds where most is expected in a window. Without a kind of place it is cells, and municipalities where no cell is found.
 *
 * @throws HaloError 400 `invalid_request` when a circle lacks its point or its radius; `unknown_area`
 */
export async function hotspots(parts: Parts, query: HotspotsQuery): Promise<Hotspots> {
  const { pool, clock } = parts;
  const { category, limit } = query;
  const now = clock.now();
  const where = placeOf(parts, query);
  const window = await findWindow(pool, category, query.at ?? now, query.window ?? 0);
  const set = await lastSet(pool);
  const found = window === undefined ? [] : await search(parts, { ...where, query, window });
  const shown = found.slice(0, limit).map((row) => hotspotOf(parts, row, query.geometry, now));
  const validUntil = shown.map((one) => one.validUntil).toSorted()[0] ?? null;
  return {
    category,
    window:
      window === undefined ? null : { start: window.start.toISOString(), end: window.end.toISOString() },
    computedAt: set?.computedAt.toISOString() ?? null,
    validUntil,
    stale: shown.some(({ stale }) => stale) || isOld(set, now),
    hotspots: shown,
  };
}

/** What predictions add up to, counted from the rows. */
export async function predictionStats(
  { pool, gazetteer, clock }: Parts,
  { category, area }: { readonly category: RiskCategory; readonly area?: string | undefined },
): Promise<PredictionStats> {
  const now = clock.now();
  const county = area === undefined ? undefined : areaOf(gazetteer, area);
  if (county !== undefined && county.kind !== 'county') throw unknownArea(area ?? '', 'county');
  const set = await lastSet(pool);
  const places = await readStats(pool, category, county?.code, now);
  return {
    category,
    computedAt: set?.computedAt.toISOString() ?? null,
    cutOff: set?.cutOff.toISOString() ?? null,
    stale: places.some(({ staleRows }) => staleRows > 0) || isOld(set, now),
    places: places.map((kind) => ({ ...kind, byBand: { ...kind.byBand } })),
  };
}

interface Where {
  readonly near: Near | undefined;
  readonly area: Area | undefined;
}

function placeOf({ gazetteer }: Parts, { near, radius, area }: HotspotsQuery): Where {
  if ((near === undefined) !== (radius === undefined)) {
    throw new HaloError('invalid_request', 'A circle has a point near which to look, and a radius.', {
      status: 400,
      field: near === undefined ? 'near' : 'radius',
    });
  }
  return {
    near: near === undefined || radius === undefined ? undefined : nearOf(gazetteer, near, radius),
    area: area === undefined ? undefined : areaOf(gazetteer, area),
  };
}

/** A municipality is no point: the one that holds the middle counts as near, though its centre may be far. */
function nearOf(
  gazetteer: Parts['gazetteer'],
  { lat, lon }: { lat: number; lon: number },
  radiusM: number,
): Near {
  return { lat, lon, radiusM, municipality: gazetteer.areasOfPoint(lat, lon)?.municipality };
}

async function search(
  { pool, gazetteer }: Parts,
  given: Where & { readonly query: HotspotsQuery; readonly window: HotspotFilter['window'] },
): Promise<PredictionRow[]> {
  const { near, area, query, window } = given;
  const find = async (placeKind: HotspotFilter['placeKind']) => {
    const region = area === undefined ? undefined : countyOf(area);
    const filter = { category: query.category, window, near, region, placeKind, minBand: query.min_risk };
    // Rows tell their county alone; which of them lie in a smaller area is found out here.
    const rows = await findHotspots(pool, filter, area === undefined ? query.limit : MAX_OF_COUNTY);
    if (area === undefined || area.kind === 'county') return rows;
    return rows.filter(({ place, lat, lon }) => {
      if (place === area.code) return true;
      const found = gazetteer.areasOfPoint(lat, lon);
      return placeKind === 'cell-9' && [found?.municipality, found?.district].includes(area.code);
    });
  };
  if (query.kind === 'municipality') return find('municipality');
  const cells = await find('cell-9');
  return cells.length > 0 || query.kind === 'cell' ? cells : find('municipality');
}

function hotspotOf({ outlineOf }: Parts, row: PredictionRow, withGeometry: boolean, now: Date): Hotspot {
  const { cutOff, computedAt, validUntil, band, reasons } = row;
  const { en, sv } = RISK_BANDS.find((one) => one.band === band)!;
  return {
    ...row,
    bandName: { en, sv },
    reasons: reasons.map((reason) => ({ ...reason, ...reasonWords(reason.code, reason.factor) })),
    cutOff: cutOff.toISOString(),
    computedAt: computedAt.toISOString(),
    validUntil: validUntil.toISOString(),
    stale: validUntil <= now,
    ...(withGeometry
      ? { geometry: row.placeKind === 'municipality' ? outlineOf(row.place) : cellOutline(row.place) }
      : {}),
  };
}

function cellOutline(cell: string): Geometry {
  return { type: 'Polygon', coordinates: [cellToBoundary(cell, true)] };
}

function isOld(set: { readonly computedAt: Date } | undefined, now: Date): boolean {
  return set !== undefined && now.getTime() - set.computedAt.getTime() >= VALID_FOR_MS;
}

/** The county that an area is, or lies in: a municipality's code begins with the county's. */
function countyOf({ kind, code }: Area): string {
  return kind === 'county' ? code : code.slice(0, 2);
}

function areaOf(gazetteer: PredictionRoutesParts['gazetteer'], code: string): Area {
  const area = gazetteer.byCode(code);
  if (area === undefined) throw unknownArea(code, 'area');
  return area;
}

function unknownArea(code: string, what: string): HaloError {
  return new HaloError('unknown_area', `There is no ${what} ${code}.`, {
    status: 400,
    field: 'area',
    hint: 'GET /api/v1/areas finds areas and their codes.',
  });
}
