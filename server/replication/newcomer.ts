import type { ChangeLog } from '../change-log/change-log.ts';
import type { Queryable } from '../db/pool.ts';
import type { Clock } from '../platform/clock.ts';
import type { ReplicationStatus } from './replication.ts';

/** Longer than a wait for news and the way back: by then who follows stands at a position that this log has. */
const MOVED_ON_MS = 60_000;
/** Logs that began within this time of each other began for the same cause: a fail-over, a restore, a first start of all. */
const TOGETHER_MS = 20_000;
/** An instance says every few seconds how it is; what it said longer ago is not held to be so. */
const REPORTED_WITHIN_MS = 15_000;

/** Tells whether an instance's log is too young for those who follow through others. */
export interface Newcomer {
  /** Whole seconds that a balancer had better send nobody here; 0 when it may. Rejects as the database does. */
  secondsLeft(): Promise<number>;
}

/** What it looks at. */
export interface NewcomerParts {
  readonly db: Queryable;
  readonly slotName: string;
  readonly changeLog: Pick<ChangeLog, 'epoch' | 'start'>;
  /** Knows when this process last began the log anew. That its start has risen says nothing: it rises with each trim. */
  readonly replication: { status(): Pick<ReplicationStatus, 'lastReset'> };
  readonly clock: Clock;
}

/**
 * Of an instance whose log has just begun. A device that stands before its beginning would fetch all again; other instances
 * still serve it from where it stands, and each wait that ends there moves it on. Where no other has what came before, nobody waits.
 */
export function createNewcomer({ db, slotName, changeLog, replication, clock }: NewcomerParts): Newcomer {
  return {
    async secondsLeft() {
      const { lastReset } = replication.status();
      if (lastReset === undefined) return 0;
      const ageMs = clock.now().getTime() - lastReset.at.getTime();
      if (ageMs < 0 || ageMs >= MOVED_ON_MS) return 0;
      const isYounger = await othersHaveMore(db, slotName, changeLog, ageMs);
      return isYounger ? Math.ceil((MOVED_ON_MS - ageMs) / 1_000) : 0;
    },
  };
}

/** Whether one that streams has, in the same epoch, what came before this log, and did not begin together with it. */
async function othersHaveMore(
  db: Queryable,
  slotName: string,
  changeLog: NewcomerParts['changeLog'],
  ageMs: number,
): Promise<boolean> {
  // An instance writes down that it began anew before it tells of the new log.
  const { rowCount } = await db.query(
    `SELECT FROM pg_replication_slots s JOIN instance_status t ON s.slot_name = 'halo_' || t.instance
      WHERE s.database = current_database() AND s.active AND s.slot_name <> $1
        AND t.reported_at > now() - $2 * interval '1 millisecond'
        AND t.report#>>'{log,epoch}' = $3 AND (t.report#>>'{log,start}')::numeric < $4::numeric
        AND NOT EXISTS (SELECT FROM replication_events e
                         WHERE e.instance = t.instance AND e.kind = 'reset' AND e.at > now() - $5 * interval '1 millisecond')
      LIMIT 1`,
    [slotName, REPORTED_WITHIN_MS, changeLog.epoch, String(changeLog.start()), ageMs + TOGETHER_MS],
  );
  return rowCount === 1;
}
