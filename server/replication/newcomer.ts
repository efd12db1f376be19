import type { ChangeLog } from '../change-log/change-log.ts';
import type { Queryable } from '../db/pool.ts';
import type { Clock } from '../platform/clock.ts';

/** Longer than a wait for news and the way back: by then who follows stands at a position that this log has. */
const MOVED_ON_MS = 60_000;

/** Tells whether an instance's log is too young for those who follow through others. */
export interface Newcomer {
  /** Whole seconds that a balancer had better send nobody here; 0 when it may. Rejects as the database does. */
  secondsLeft(): Promise<number>;
}

/** What it looks at. */
export interface NewcomerParts {
  readonly db: Queryable;
  readonly slotName: string;
  readonly changeLog: Pick<ChangeLog, 'start'>;
  /** Where the log stood when it was opened: zero where there was none. */
  readonly openedAt: bigint;
  readonly clock: Clock;
}

/**
 * Of an instance whose log has just begun. A device that stands before its beginning would fetch all again; other instances
 * still serve it from where it stands, and each wait that ends there moves it on.
 */
export function createNewcomer({ db, slotName, changeLog, openedAt, clock }: NewcomerParts): Newcomer {
  // When the log was first seen to have begun: a slot may be long in the making.
  let sinceMs: number | undefined;
  const beganAtMs = () => (openedAt >= changeLog.start() ? undefined : (sinceMs ??= clock.now().getTime()));
  beganAtMs();
  return {
    async secondsLeft() {
      const leftMs = (beganAtMs() ?? -Infinity) + MOVED_ON_MS - clock.now().getTime();
      if (leftMs <= 0 || leftMs > MOVED_ON_MS) return 0;
      return (await othersStream(db, slotName)) ? Math.ceil(leftMs / 1_000) : 0;
    },
  };
}

async function othersStream(db: Queryable, slotName: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `SELECT FROM pg_replication_slots
      WHERE database = current_database() AND active AND slot_name ~ '^halo_[0-9a-f]{12}$' AND slot_name <> $1 LIMIT 1`,
    [slotName],
  );
  return rowCount === 1;
}
