import type { ReportChangesInput } from '@halo/client';
import type { ReportSaid } from '../report/amend-draft.ts';
import { distance, fullTime } from '../texts/format.ts';
import { severityName, t, typeName } from '../texts/texts.ts';

/** What a report says, field by field, in the order in which it is told. */
export const REPORT_FIELDS = ['type', 'severity', 'location', 'occurredAt', 'description'] as const;
export type ReportField = (typeof REPORT_FIELDS)[number];

/** A field of a report that is at odds. */
export interface FieldDifference {
  readonly field: ReportField;
  readonly yours: string;
  readonly now: string;
}

/** What a report would say with these changes. */
export function withChanges(said: ReportSaid, changes: ReportChangesInput): ReportSaid {
  const { type, severity, occurredAt, description, location } = changes;
  return {
    type: type ?? said.type,
    severity: severity ?? said.severity,
    occurred_at: occurredAt === undefined ? said.occurred_at : new Date(occurredAt),
    description: description ?? said.description,
    lat: location?.lat ?? said.lat,
    lon: location?.lon ?? said.lon,
    accuracy_m: location?.accuracyM ?? said.accuracy_m,
  };
}

/** The fields in which two versions of a report differ. */
export function differing(a: ReportSaid, b: ReportSaid): readonly ReportField[] {
  return REPORT_FIELDS.filter((field) => !SAME[field](a, b));
}

/** Beside each other: what one's own changes say and what the report says now, where that is not the same. */
export function differencesOf(changes: ReportChangesInput, now: ReportSaid): readonly FieldDifference[] {
  const yours = withChanges(now, changes);
  return differing(yours, now).map((field) => ({
    field,
    yours: fieldWords(field, yours),
    now: fieldWords(field, now),
  }));
}

/** What a report says in one field, in words. */
export function fieldWords(field: ReportField, said: ReportSaid): string {
  switch (field) {
    case 'type':
      return typeName(said.type);
    case 'severity':
      return `${said.severity} · ${severityName(said.severity)}`;
    case 'occurredAt':
      return fullTime(said.occurred_at);
    case 'location':
      return placeWords(said);
    case 'description':
      return said.description === '' ? t.life.nothingSaid : said.description;
  }
}

function placeWords({ lat, lon, accuracy_m }: ReportSaid): string {
  const place = `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
  return accuracy_m === null ? place : `${place} (± ${distance(accuracy_m)})`;
}

const SAME: Readonly<Record<ReportField, (a: ReportSaid, b: ReportSaid) => boolean>> = {
  type: (a, b) => a.type === b.type,
  severity: (a, b) => a.severity === b.severity,
  occurredAt: (a, b) => a.occurred_at.getTime() === b.occurred_at.getTime(),
  description: (a, b) => a.description === b.description,
  location: (a, b) => a.lat === b.lat && a.lon === b.lon && a.accuracy_m === b.accuracy_m,
};
