import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';
import type { AreaBasis, LocationPrecision, ReportSource } from '@halo/shapes/taxonomy/states.ts';
import type { Transaction } from '../db/pool.ts';

/** Where something happened, with the area it lies in and how that area was found. */
export interface ReportPlace {
  /** WGS84 degrees: the point itself, or the area's centre where only the area is known. */
  readonly lat: number;
  readonly lon: number;
  readonly precision: LocationPrecision;
  /** Radius of uncertainty in metres; null unless the precision is `point`. */
  readonly accuracyM: number | null;
  readonly region: string | null;
  readonly municipality: string | null;
  readonly district: string | null;
  readonly areaBasis: AreaBasis | null;
}

/** One statement that something happened, ready to be stored and linked. */
export interface NewReport {
  readonly id: string;
  readonly source: ReportSource;
  readonly reporterId: string | null;
  readonly deviceId: string | null;
  readonly type: IncidentType;
  readonly rawType: string | null;
  readonly severity: number;
  readonly occurredAt: Date;
  readonly claimedAt: Date | null;
  readonly clockSuspect: boolean;
  readonly description: string;
  readonly place: ReportPlace;
  /** The register that it is an entry of: two entries of one register never link. Null for all else. */
  readonly register: string | null;
  /** From when on it was known by its source's word; null: from when it is stored, or as before when it is revised. */
  readonly knownAt: Date | null;
  /** Its author had no account when he made it (decision 0044); the writer finds out. */
  readonly anonymous?: boolean;
  /** It was past already when its source gave it, as in a register of years. When it is revised: as before, unless said. */
  readonly past?: boolean;
}

const DAY_MS = 86_400_000;
/** What happened more days ago is past: it is over unless an officer says otherwise, and devices do not keep it. */
const PAST_AFTER_DAYS = 90;

/** What happened before this time is past at `now`. */
export function pastBefore(now: Date): Date {
  return new Date(now.getTime() - PAST_AFTER_DAYS * DAY_MS);
}

/** What may change in a report afterwards. */
export type ReportRevision = Pick<
  NewReport,
  'type' | 'rawType' | 'severity' | 'occurredAt' | 'description' | 'place' | 'knownAt' | 'past'
>;

/**
 * Stores reports and keeps their incidents right, inside the caller's transaction. Before `record`,
 * `revise` or `withdraw` the caller must hold the advisory locks that `locks` names for the place (for a
 * revision: of the old and the new place), taken in ascending order.
 */
export interface ReportWriter {
  locks(place: Pick<ReportPlace, 'lat' | 'lon' | 'precision' | 'accuracyM'>): readonly bigint[];
  record(tx: Transaction, report: NewReport): Promise<{ incidentId: string }>;
  /** As `record` for each, with fewer statements; resolves with their incidents in the same order. */
  recordAll(tx: Transaction, reports: readonly NewReport[]): Promise<readonly { incidentId: string }[]>;
  revise(tx: Transaction, reportId: string, revision: ReportRevision): Promise<{ incidentId: string }>;
  withdraw(tx: Transaction, reportId: string): Promise<void>;
  /**
   * Gives reports their pins and groups them anew; see `groupReports`. Needs no locks of places: it moves no report.
   * Resolves with the incident of each report that this touched.
   */
  arrange(tx: Transaction, pins: ReadonlyMap<string, string>): Promise<(reportId: string) => string>;
}

/** Takes reports from their authors, inside the caller's transaction. */
export interface ReportAnonymiser {
  /** The keys of the advisory locks that `anonymise` of these needs: of where they lie. */
  locks(tx: Transaction, reportIds: readonly string[]): Promise<readonly bigint[]>;
  /**
   * Takes from a report whatever tells of its author: who, from which device, in what words, and exactly where. It stays in its
   * incident, which nothing but an officer parts from then on.
   */
  anonymise(tx: Transaction, reportId: string): Promise<void>;
  /**
   * Takes from a report what it has said for long enough, and what it said before: exactly where, or in what words. Its author and its
   * incident stay, and it is no new version; one whose place was taken links with nothing from then on.
   */
  forgetDetails(tx: Transaction, reportId: string, what: ForgottenDetails): Promise<void>;
}

/** What is taken from a report that keeps its author. */
export interface ForgottenDetails {
  readonly place: boolean;
  readonly words: boolean;
}
