import type { Replication } from '@halo/shapes/protocol/inspector.ts';
import type { Queryable } from '../db/pool.ts';
import { seconds } from './device-answer.ts';
import { stateWords } from './instance-words.ts';
import type { InstanceView } from './instances.ts';

/** Events that are shown. */
const EVENTS = 50;

type Instance = Replication['instances'][number];

interface SlotRow {
  readonly name: string;
  readonly active: boolean;
  readonly wal_status: string | null;
  readonly confirmed: string | null;
  readonly retained: number | null;
  readonly safe: number | null;
}

/** Slots, epoch and events as Postgres has them, with what instances say of themselves. */
export async function readReplication(
  db: Queryable,
  instances: readonly InstanceView[],
): Promise<Replication> {
  const { rows: heads } = await db.query<{ head: string; epoch: string; since: Date }>(
    `SELECT (pg_current_wal_flush_lsn() - '0/0')::text AS head, epoch, started_at AS since FROM replication_epoch`,
  );
  const { rows: slots } = await db.query<SlotRow>(
    `SELECT slot_name AS name, active, wal_status, (confirmed_flush_lsn - '0/0')::text AS confirmed,
            greatest(pg_current_wal_lsn() - restart_lsn, 0)::float8 AS retained, safe_wal_size::float8 AS safe
       FROM pg_replication_slots WHERE database = current_database() AND slot_name ~ '^halo_[0-9a-f]{12}$'`,
  );
  const { rows: events } = await db.query<Omit<Replication['events'][number], 'at'> & { at: Date }>(
    `SELECT at, instance, kind, code, message, times FROM replication_events ORDER BY at DESC, id DESC LIMIT ${EVENTS}`,
  );
  const { head, epoch, since } = heads[0]!;
  return {
    headLsn: head,
    epoch: { id: epoch, since: since.toISOString() },
    instances: instances.map((each) =>
      instanceOf(
        each,
        slots.find(({ name }) => name === `halo_${each.id}`),
      ),
    ),
    events: events.map((event) => ({ ...event, at: event.at.toISOString() })),
  };
}

function instanceOf(view: InstanceView, slot: SlotRow | undefined): Instance {
  const { id, self, host, state, reportedAge, lagMs, lagBytes, report } = view;
  const age = reportedAge ?? 0;
  const since = (ms: number | null | undefined) =>
    ms === null || ms === undefined ? null : seconds(ms + age);
  return {
    ...{ id, self, host, state },
    version: report?.version ?? null,
    reason: stateWords(state, view.upstream),
    reportedSecondsAgo: reportedAge === null ? null : seconds(reportedAge),
    lag: {
      bytes: lagBytes,
      seconds: lagMs === null ? null : seconds(lagMs),
      provedSecondsAgo: since(report?.provedAge),
      contactSecondsAgo: since(report?.contactAge),
    },
    position: report?.position ?? null,
    undispatchedBytes: report?.undispatched ?? null,
    log:
      report?.log === null || report?.log === undefined
        ? null
        : { bytes: report.log.bytes, startLsn: report.log.start, epoch: report.log.epoch },
    slot:
      slot === undefined
        ? null
        : {
            name: slot.name,
            active: slot.active,
            walStatus: slot.wal_status,
            confirmedLsn: slot.confirmed,
            retainedBytes: slot.retained ?? 0,
            safeBytes: slot.safe,
          },
  };
}
