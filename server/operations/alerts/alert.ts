/** What can be wrong, by name; each has a heading in `docs/runbook.md`. */
export const ALERT_NAMES = [
  'postgres_down',
  'replication_stopped',
  'slot_near_limit',
  'feed_silent',
  'retraining_failed',
  'scoring_failed',
  'model_unusable',
  'champion_kept_long',
  'backup_failed',
  'retention_failed',
  'job_overdue',
  'error_rate',
  'devices_silent',
  'devices_stalled',
  'alerts_blind',
] as const;
export type AlertName = (typeof ALERT_NAMES)[number];

/** `critical`: people are affected now. `warning`: they will be, when nobody does anything. */
export type Severity = 'critical' | 'warning';

/**
 * Whose it is to see: what lies in Postgres is the same for all instances, and one of them tells; how an instance fares
 * only it knows, also when it cannot reach Postgres.
 */
export type Scope = 'shared' | 'instance';

/** How an alert behaves. */
export interface AlertKind {
  readonly severity: Severity;
  readonly scope: Scope;
  /** It is raised when what is wrong has been so for this long, and cleared when it has been well for the other. */
  readonly raiseAfterMs: number;
  readonly clearAfterMs: number;
}

const MINUTE_MS = 60_000;

/** All alerts. */
export const ALERT_KINDS: Readonly<Record<AlertName, AlertKind>> = {
  postgres_down: { severity: 'critical', scope: 'instance', raiseAfterMs: 30_000, clearAfterMs: 30_000 },
  replication_stopped: {
    severity: 'critical',
    scope: 'instance',
    raiseAfterMs: MINUTE_MS,
    clearAfterMs: 30_000,
  },
  slot_near_limit: { severity: 'critical', scope: 'shared', raiseAfterMs: 0, clearAfterMs: MINUTE_MS },
  feed_silent: { severity: 'warning', scope: 'shared', raiseAfterMs: 0, clearAfterMs: 0 },
  retraining_failed: { severity: 'warning', scope: 'shared', raiseAfterMs: 0, clearAfterMs: 0 },
  scoring_failed: { severity: 'warning', scope: 'shared', raiseAfterMs: 0, clearAfterMs: 0 },
  model_unusable: { severity: 'warning', scope: 'shared', raiseAfterMs: 0, clearAfterMs: 0 },
  champion_kept_long: { severity: 'warning', scope: 'shared', raiseAfterMs: 0, clearAfterMs: 0 },
  backup_failed: { severity: 'critical', scope: 'shared', raiseAfterMs: 0, clearAfterMs: 0 },
  retention_failed: { severity: 'warning', scope: 'shared', raiseAfterMs: 0, clearAfterMs: 0 },
  // Postgres that comes back after an hour finds all overdue: those of each minute are about to begin.
  job_overdue: { severity: 'warning', scope: 'shared', raiseAfterMs: 2 * MINUTE_MS, clearAfterMs: 0 },
  error_rate: { severity: 'critical', scope: 'instance', raiseAfterMs: 0, clearAfterMs: MINUTE_MS },
  devices_silent: {
    severity: 'warning',
    scope: 'instance',
    raiseAfterMs: MINUTE_MS,
    clearAfterMs: MINUTE_MS,
  },
  devices_stalled: { severity: 'warning', scope: 'shared', raiseAfterMs: 0, clearAfterMs: MINUTE_MS },
  alerts_blind: {
    severity: 'critical',
    scope: 'instance',
    raiseAfterMs: 5 * MINUTE_MS,
    clearAfterMs: MINUTE_MS,
  },
};

/** What a look at one thing found. `unsure` changes nothing: between two bounds, or not to be told now. */
export interface Finding {
  readonly name: AlertName;
  /** Which one: a slot, a feed, an instance. */
  readonly subject: string;
  readonly verdict: 'bad' | 'good' | 'unsure';
  /** One sentence with numbers; no secret, no position, no person. */
  readonly what: string;
  /** Since when it has been bad, where that is known better than by looking. */
  readonly since?: Date;
}

/** An alert that was raised. */
export interface AlertRecord {
  readonly id: string;
  readonly name: AlertName;
  readonly subject: string;
  /** Who saw it. */
  readonly instance: string;
  readonly what: string;
  readonly since: Date;
  readonly raisedAt: Date;
  /** Not to be told before: what comes again soon after it was told is not told each time. */
  readonly tellFrom: Date;
  readonly toldAt: Date | null;
  readonly clearedAt: Date | null;
  readonly clearToldAt: Date | null;
}

/** What is told of a record. */
export interface AlertEvent {
  readonly kind: 'raised' | 'cleared';
  readonly record: AlertRecord;
}
