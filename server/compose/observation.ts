import type { Pool } from '../db/pool.ts';
import type { UnknownTypes } from '../feeds/unknown-types.ts';
import type { ReadinessCheck } from '../http/health-routes.ts';
import { RUN_STATES } from '../operations/alerts/facts.ts';
import type { SharedFacts } from '../operations/alerts/facts.ts';
import type { Metrics } from '../operations/metrics.ts';
import type { Clock } from '../platform/clock.ts';
import { REPLICATION_STATES } from '../replication/lag.ts';
import { RESET_REASONS } from '../replication/replication.ts';
import type { ChecksumTally } from '../shape-api/checksum-tally.ts';
import type { ShapeUpstream } from '../shape-api/upstream/shape-upstream.ts';
import type { ReadPath } from './read-path.ts';

/** What `/ready` asks: without any of these the server is of no use to a device. */
export function readinessChecks(
  pool: Pool,
  readPath: ReadPath | undefined,
  upstream: ShapeUpstream | undefined,
): ReadinessCheck[] {
  return [
    {
      name: 'postgres',
      async check() {
        await pool.query('SELECT 1').catch(() => {
          throw new Error('Postgres does not answer');
        });
      },
    },
    {
      name: 'migrations',
      async check() {
        const { rowCount } = await pool
          .query('SELECT 1 FROM migrations LIMIT 1')
          .catch(() => ({ rowCount: 0 }));
        if (rowCount === 0) throw new Error('the schema is not there');
      },
    },
    ...(readPath === undefined ? [] : [replicationCheck(readPath), newcomerCheck(readPath)]),
    ...(upstream === undefined ? [] : [{ name: 'electric', check: () => upstream.check() }]),
  ];
}

function newcomerCheck({ newcomer }: ReadPath): ReadinessCheck {
  return {
    name: 'log',
    async check() {
      const seconds = await newcomer.secondsLeft();
      if (seconds > 0)
        throw new Error(`it has just begun; devices of other instances may come in ${seconds} s`);
    },
  };
}

function replicationCheck({ replication, lagWatch }: ReadPath): ReadinessCheck {
  return {
    name: 'replication',
    check: () => {
      const { state, seconds } = lagWatch.lag();
      if (!replication.status().streaming) return Promise.reject(new Error('not streaming'));
      // Behind is no reason: what is late still comes.
      if (state !== 'silent') return Promise.resolve();
      return Promise.reject(new Error(`nothing has come for ${Math.round(seconds)} s`));
    },
  };
}

/** Gauges of the server behind the named shapes. */
export function registerUpstreamGauges(metrics: Metrics, upstream: ShapeUpstream): void {
  metrics.gauge(
    'halo_upstream_requests_open',
    'Requests under way to the server of ELECTRIC_URL',
    () => upstream.open,
  );
}

/** How devices' rows compared with the server's. */
export function registerChecksums(metrics: Metrics, tally: ChecksumTally): void {
  const name = 'halo_shape_checksums';
  metrics.counter(`${name}_equal_total`, "Devices' shapes that were as the server's", () => {
    return tally.counts.equal;
  });
  metrics.counter(`${name}_different_total`, "Devices' shapes that differed, and were fetched again", () => {
    return tally.counts.different;
  });
}

/** What feeds sent and nobody foresaw. */
export function registerFeeds(metrics: Metrics, unknownTypes: UnknownTypes): void {
  metrics.counter(
    'halo_feed_unknown_types_total',
    'New or changed items of feeds whose type the taxonomy lacks',
    () => unknownTypes.total,
  );
}

/** Models of which this instance found that they cannot be used. */
export function registerUnusable(metrics: Metrics, unusable: () => number): void {
  metrics.counter(
    'halo_models_unusable_total',
    'Models whose artefact could not be used, so that another one spoke for their series',
    unusable,
  );
}

/** How forecasts fare, by what was last read of Postgres. Ages grow when nothing makes them anew, whatever is the matter. */
export function registerForecasts(
  metrics: Metrics,
  facts: () => Pick<SharedFacts, 'runs' | 'champions'> | undefined,
  clock: Clock,
): void {
  const outcome = (name: string, help: string, job: 'retrain' | 'score') =>
    metrics.states(name, help, RUN_STATES, () => facts()?.runs?.find((run) => run.job === job)?.state);
  outcome('halo_retraining_last', 'How the last retraining ended, on whatever instance', 'retrain');
  outcome('halo_scoring_last', 'How predictions were last made anew, by themselves', 'score');
  const age = (at: Date | null | undefined) =>
    at instanceof Date ? (clock.now().getTime() - at.getTime()) / 1000 : NaN;
  metrics.gauge(
    'halo_predictions_age_seconds',
    'Age of the predictions in force; NaN where there are none, or not read yet',
    () => age(facts()?.champions?.computedAt),
  );
  metrics.gauge(
    'halo_champion_age_seconds',
    'Age of what the oldest trained model in use knew; NaN where only baselines speak',
    () => age(facts()?.champions?.oldestCutOff),
  );
  metrics.gauge(
    'halo_champions_trained',
    'Series for which a trained model speaks; NaN before it is read',
    () => {
      return facts()?.champions?.trained ?? NaN;
    },
  );
}

/** Gauges of the read path. The age of the last contact grows only while Postgres is silent. */
export function registerGauges(
  metrics: Metrics,
  { replication, lagWatch, heartbeat, changeLog, engine }: ReadPath,
  clock: Clock,
): void {
  metrics.gauge('halo_replication_streaming', 'Whether the slot is being read (1) or not (0)', () =>
    replication.status().streaming ? 1 : 0,
  );
  metrics.gauge('halo_replication_last_contact_seconds', 'Age of the last word from Postgres', () => {
    const at = replication.status().lastContactAt;
    return at === undefined ? Infinity : (clock.now().getTime() - at.getTime()) / 1000;
  });
  metrics.states('halo_replication_state', 'How replication fares', REPLICATION_STATES, () => {
    return lagWatch.lag().state;
  });
  metrics.gauge(
    'halo_replication_lag_seconds',
    'Age of the last moment at which the log had everything',
    () => {
      return lagWatch.lag().seconds;
    },
  );
  metrics.gauge(
    'halo_replication_lag_bytes',
    'WAL that the log lacks; NaN while Postgres does not say',
    () => {
      return lagWatch.lag().bytes ?? NaN;
    },
  );
  metrics.gauge('halo_change_log_position_bytes', 'LSN up to which the log has the WAL', () => {
    return Number(changeLog.position());
  });
  metrics.states('halo_change_log_reset', 'Why the log was last begun anew', RESET_REASONS, () => {
    return replication.status().lastReset?.reason;
  });
  metrics.gauge('halo_change_log_reset_timestamp_seconds', 'When that was; 0 for not since the start', () => {
    return (replication.status().lastReset?.at.getTime() ?? 0) / 1000;
  });
  metrics.gauge('halo_replication_retained_wal_bytes', 'WAL kept for the instance furthest behind', () =>
    heartbeat.retainedWalBytes(),
  );
  metrics.gauge('halo_change_log_bytes', 'Size of the change log on disk', () => changeLog.bytes());
  metrics.gauge('halo_shapes_live', 'Shapes with a live view', () => engine.status().shapes);
  metrics.gauge(
    'halo_shape_readers_waiting',
    'Readers that wait for news, the one behind /ws among them',
    () => engine.status().waiting,
  );
  metrics.gauge('halo_shape_reads_queued', 'Snapshots, subsets and readings of the log in a queue', () => {
    return engine.status().queued;
  });
  metrics.gauge(
    'halo_shape_tail_bytes',
    'Encoded messages kept for live readers',
    () => engine.status().tailBytes,
  );
  metrics.gauge('halo_shape_answer_bytes', 'Answers in memory', () => engine.status().answerBytes);
  metrics.gauge('halo_snapshot_bytes', 'Size of cached snapshots', () => engine.status().snapshotBytes);
}
