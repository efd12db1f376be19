/** Enumerations that rows of shapes carry; each has the same list in Postgres (a test compares them). */
export const REPORT_SOURCES = ['user', 'official', 'sensor'] as const;
export const REPORT_STATUSES = ['active', 'withdrawn'] as const;
export const LOCATION_PRECISIONS = ['point', 'district', 'municipality', 'county'] as const;
export const AREA_BASES = ['declared', 'nearest_centre', 'polygon'] as const;
export const AREA_KINDS = ['county', 'municipality', 'district'] as const;
export const INCIDENT_STATUSES = ['open', 'closed', 'merged'] as const;
export const VERIFICATIONS = ['unverified', 'corroborated', 'verified', 'disputed', 'dismissed'] as const;
export const MUTATION_STATUSES = ['applied', 'rejected'] as const;

export type ReportSource = (typeof REPORT_SOURCES)[number];
export type ReportStatus = (typeof REPORT_STATUSES)[number];
export type LocationPrecision = (typeof LOCATION_PRECISIONS)[number];
export type AreaBasis = (typeof AREA_BASES)[number];
export type AreaKind = (typeof AREA_KINDS)[number];
export type Verification = (typeof VERIFICATIONS)[number];
export type MutationStatus = (typeof MUTATION_STATUSES)[number];
