import { z } from 'zod';
import { incidentTypeSchema } from '@halo/shapes/taxonomy/incident-type.ts';
import type { ReportCreateInput } from '@halo/shapes/mutations/report-create.ts';
import { localInputValue } from '../texts/format.ts';
import { t } from '../texts/texts.ts';

/** Longest description, in characters (the server's rule). */
export const MAX_DESCRIPTION = 4000;
/** Clocks differ: this much ahead of ours still counts as now. */
const CLOCK_SKEW_MS = 5 * 60_000;

const positionSchema = z.object({
  lat: z.number(),
  lon: z.number(),
  accuracyM: z.number(),
  /** Measured by the device, or picked on the map. */
  source: z.enum(['device', 'map']),
});

/** A report's form as it is kept. */
export const draftSchema = z.object({
  type: z.union([incidentTypeSchema, z.literal('')]),
  severity: z.number().int().min(1).max(5).optional(),
  when: z.enum(['now', 'earlier']),
  /** Value of the date-and-time field, local time. */
  earlierAt: z.string(),
  description: z.string(),
  position: positionSchema.optional(),
  /** Id of the rejected entry that this draft mends. */
  resendOf: z.string().optional(),
});

/** Where it happened, as far as it is known; there is no default. */
export type DraftPosition = z.infer<typeof positionSchema>;
/** What has been typed so far. */
export type ReportDraft = z.infer<typeof draftSchema>;
/** A draft whose place may still be measured. */
export type DraftToCheck = Omit<ReportDraft, 'position'> & { readonly position?: DraftPosition | undefined };
/** Fields of the form that can be wrong. */
export type DraftField = 'type' | 'severity' | 'when' | 'position' | 'description';
export type DraftErrors = Partial<Record<DraftField, string>>;

/** In the order of the form. */
export const DRAFT_FIELDS: readonly DraftField[] = ['type', 'severity', 'position', 'when', 'description'];

export const EMPTY_DRAFT: ReportDraft = { type: '', when: 'now', earlierAt: '', description: '' };

/** Name of the form of a new report, as it is kept. */
export const REPORT_FORM = 'report';
/** Of the form that mends a rejected report: what was being written besides stays. */
export const formOfMending = (entryId: string) => `mend ${entryId}`;
/** Of the form that says again what another device said in vain. */
export const formOfAnew = (mutationId: string) => `anew ${mutationId}`;

const argsSchema = z.looseObject({
  type: incidentTypeSchema.optional(),
  severity: z.number().int().min(1).max(5).optional(),
  occurredAt: z.string().optional(),
  description: z.string().optional(),
  location: z.object({ lat: z.number(), lon: z.number(), accuracyM: z.number() }).optional(),
});

/** The draft that mends a rejected report: as it was, to be changed. */
export function draftOfRejected(id: string, args: unknown): ReportDraft {
  return { ...draftOfArgs(args), resendOf: id };
}

/** The form of a new report that says what another one said. */
export function draftOfArgs(args: unknown): ReportDraft {
  const parsed = argsSchema.safeParse(args);
  if (!parsed.success) return EMPTY_DRAFT;
  const { type, severity, occurredAt, description, location } = parsed.data;
  const at = new Date(occurredAt ?? Number.NaN);
  return {
    type: type ?? '',
    ...(severity === undefined ? {} : { severity }),
    when: 'earlier',
    earlierAt: Number.isNaN(at.getTime()) ? '' : localInputValue(at),
    description: description ?? '',
    ...(location === undefined ? {} : { position: { ...location, source: 'map' as const } }),
  };
}

/** The report that a draft makes, or what is still wrong with it, by field. */
export function checkDraft(
  draft: DraftToCheck,
  nowMs: number,
): { readonly report: ReportCreateInput } | { readonly errors: DraftErrors } {
  const { type, severity, position } = draft;
  const description = draft.description.trim();
  const at = draft.when === 'now' ? new Date(nowMs) : new Date(draft.earlierAt);
  const errors: DraftErrors = {
    ...(type === '' ? { type: t.needType } : {}),
    ...(severity === undefined ? { severity: t.needSeverity } : {}),
    ...(position === undefined ? { position: t.needPlace } : {}),
    ...timeError(at, nowMs),
    ...(description.length > MAX_DESCRIPTION ? { description: t.tooLong } : {}),
  };
  if (Object.keys(errors).length > 0 || type === '' || severity === undefined || position === undefined) {
    return { errors };
  }
  const { lat, lon, accuracyM } = position;
  return {
    report: {
      type,
      severity,
      occurredAt: at.toISOString(),
      description,
      location: { lat, lon, accuracyM },
    },
  };
}

function timeError(at: Date, nowMs: number): DraftErrors {
  if (Number.isNaN(at.getTime())) return { when: t.needTime };
  return at.getTime() > nowMs + CLOCK_SKEW_MS ? { when: t.futureTime } : {};
}

/** The form's field that a rule of the report schema is about. */
export function fieldOf(path: string | undefined): DraftField | undefined {
  switch (path?.split('.')[0]) {
    case 'type':
      return 'type';
    case 'severity':
      return 'severity';
    case 'occurredAt':
      return 'when';
    case 'location':
      return 'position';
    case 'description':
      return 'description';
    default:
      return undefined;
  }
}

/** A position written as "59.33, 18.07"; also with a decimal comma and a space. Undefined when it is none. */
export function parseCoordinates(text: string): { lat: number; lon: number } | undefined {
  const match = /^\s*(-?\d{1,2}(?:[.,]\d+)?)\s*[,;\s]\s*(-?\d{1,3}(?:[.,]\d+)?)\s*$/.exec(text);
  if (match === null) return undefined;
  const [lat, lon] = [match[1], match[2]].map((part) => Number((part ?? '').replace(',', '.')));
  if (lat === undefined || lon === undefined || Math.abs(lat) > 90 || Math.abs(lon) > 180) return undefined;
  return { lat, lon };
}
