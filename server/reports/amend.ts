import { AMEND_RULES } from '@halo/shapes/mutations/report-amend.ts';
import type { ReportChanges } from '@halo/shapes/mutations/report-amend.ts';
import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';

/** What a person said in one version of his report, in the terms of the mutations. */
export interface ReportVersion {
  readonly type: IncidentType;
  readonly severity: number;
  readonly occurredAt: Date;
  readonly description: string;
  /** WGS84 degrees, and metres. */
  readonly location: { readonly lat: number; readonly lon: number; readonly accuracyM: number };
}

/** What an amend comes to: the next version, or the field in which it may not replace what another one said. */
export type Amended =
  { readonly next: ReportVersion; readonly changed: boolean } | { readonly conflict: keyof ReportVersion };

/**
 * Lays changes over the present version. A field is at odds when it was changed since the version that their
 * author saw and he sets it to something else than it has now; `AMEND_RULES` says what then.
 */
export function amendVersion(now: ReportVersion, seen: ReportVersion, changes: ReportChanges): Amended {
  const next: ReportVersion = {
    type: changes.type ?? now.type,
    severity: changes.severity ?? now.severity,
    occurredAt: changes.occurredAt === undefined ? now.occurredAt : new Date(changes.occurredAt),
    description: changes.description ?? now.description,
    location: changes.location ?? now.location,
  };
  const changed = FIELDS.filter((field) => !SAME[field](now, next));
  const conflict = changed.find((field) => AMEND_RULES[field] === 'refuse' && !SAME[field](now, seen));
  return conflict === undefined ? { next, changed: changed.length > 0 } : { conflict };
}

const SAME: Readonly<Record<keyof ReportVersion, (a: ReportVersion, b: ReportVersion) => boolean>> = {
  type: (a, b) => a.type === b.type,
  severity: (a, b) => a.severity === b.severity,
  occurredAt: (a, b) => a.occurredAt.getTime() === b.occurredAt.getTime(),
  description: (a, b) => a.description === b.description,
  location: ({ location: a }, { location: b }) =>
    a.lat === b.lat && a.lon === b.lon && a.accuracyM === b.accuracyM,
};

const FIELDS = Object.keys(SAME) as (keyof ReportVersion)[];
