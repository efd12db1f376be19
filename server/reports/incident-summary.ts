import { LOCATION_PRECISIONS } from '@halo/shapes/taxonomy/states.ts';
import type { LocationPrecision, ReportSource, Verification } from '@halo/shapes/taxonomy/states.ts';
import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';
import { byId } from './groups.ts';
import type { Linkable } from './linking.ts';
import { publicPoint } from './public-point.ts';
import type { ReportPlace } from './report.ts';

/** What an incident is made from. */
export interface SummarisedReport extends Linkable {
  readonly source: ReportSource;
  readonly reporterId: string | null;
  readonly severity: number;
  /** Its author had no account when he made it (decision 0044). */
  readonly anonymous?: boolean;
  /** It came as something of long ago, or has become so. */
  readonly past?: boolean;
}

/** The public facts of an incident, as its row holds them. */
export interface IncidentSummary {
  readonly type: IncidentType;
  readonly severity: number;
  readonly verification: Verification;
  /** 1 − 1/(n + 1) over n independent sources: each reporter, and the official one. */
  readonly confidence: number;
  readonly occurredAt: Date;
  readonly lat: number;
  readonly lon: number;
  readonly precision: LocationPrecision;
  readonly region: string | null;
  readonly municipality: string | null;
  readonly district: string | null;
  readonly reportCount: number;
  /** Independent reporters: the devices of one person count once, and so do all people without an account together. */
  readonly reporterCount: number;
  readonly official: boolean;
  /** All that was reported is of long ago. */
  readonly past: boolean;
}

/**
 * Sums up the reports of one incident: the commonest type, the worst severity, the earliest time, and the place of the report
 * that is most precise (of these the one with the smallest id, since a mean would shift with each report and
 * give exact positions away). A function of the set of reports alone.
 */
export function summariseIncident(reports: readonly SummarisedReport[]): IncidentSummary {
  const [spokesman, ...rest] = reports.toSorted((a, b) => rank(a) - rank(b) || byId(a, b));
  if (spokesman === undefined) throw new Error('an incident has at least one report');
  const all = [spokesman, ...rest];
  const official = all.some(({ source }) => source === 'official');
  const reporterCount = countReporters(all);
  const { precision, region, municipality, district } = spokesman.place;
  return {
    type: typeOf(all),
    severity: Math.max(...all.map(({ severity }) => severity)),
    verification: official ? 'verified' : reporterCount >= 2 ? 'corroborated' : 'unverified',
    confidence: 1 - 1 / (reporterCount + (official ? 1 : 0) + 1),
    occurredAt: new Date(
      all.reduce((least, { occurredAt }) => Math.min(least, occurredAt.getTime()), Infinity),
    ),
    ...publicLocation(spokesman.place),
    precision,
    region,
    municipality,
    district,
    reportCount: all.length,
    reporterCount,
    official,
    past: all.every(({ past }) => past === true),
  };
}

function rank({ place }: SummarisedReport): number {
  return LOCATION_PRECISIONS.indexOf(place.precision);
}

/** What most of them say it was; of several said as often, what the one says that comes first. */
function typeOf(reports: readonly SummarisedReport[]): IncidentType {
  const counts = new Map<IncidentType, number>();
  for (const { type } of reports) counts.set(type, (counts.get(type) ?? 0) + 1);
  const [most] = [...counts].toSorted(([, a], [, b]) => b - a);
  if (most === undefined) throw new Error('an incident has at least one report');
  return most[0];
}

/**
 * Who told of it independently. People without an account count as one together, since one may make himself many; so do those
 * who have been forgotten: neither corroborate each other. Who has taken an account since is one with it.
 */
function countReporters(reports: readonly SummarisedReport[]): number {
  const told = reports.filter(({ source }) => source !== 'official');
  const accounts = new Set(
    told.filter(({ anonymous }) => anonymous !== true).map(({ reporterId }) => reporterId),
  );
  const isNobodys = ({ reporterId, anonymous }: SummarisedReport) =>
    anonymous === true && (reporterId === null || !accounts.has(reporterId));
  return accounts.size + (told.some(isNobodys) ? 1 : 0);
}

/** The centre of the point's cell; an area's centre is public as it is. */
export function publicLocation(place: Pick<ReportPlace, 'lat' | 'lon' | 'precision'>): {
  readonly lat: number;
  readonly lon: number;
} {
  return place.precision === 'point' ? publicPoint(place) : { lat: place.lat, lon: place.lon };
}
