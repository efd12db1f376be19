import { seedAreas } from '../../server/areas/seed-areas.ts';
import type { Pool } from '../../server/db/pool.ts';
import { inTransaction } from '../../server/db/transaction.ts';
import { gazetteer } from '../integration/mutations-support.ts';

/** Rows of a busy server, as its own parts write them: the console is looked at with these. */
export async function insertConsoleRows(pool: Pool, devices: number): Promise<void> {
  await seedAreas(pool, gazetteer);
  await inTransaction(pool, async (tx) => {
    await tx.query(PEOPLE, [Math.max(20, Math.ceil(devices / 4))]);
    await tx.query(DEVICES, [devices]);
    for (const rows of [STATUS, EVENTS, LEDGER, INCIDENTS, RUNS]) await tx.query(rows);
    await tx.query(MODELS, [JSON.stringify(evaluation())]);
    await tx.query(POLLS);
    await tx.query(HISTORY);
  });
}

/** A device's id by its number. */
const ID = `('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid`;
const USER = (n: string) => `('00000000-0000-7000-8001-' || lpad((${n})::text, 12, '0'))::uuid`;

const PEOPLE = `INSERT INTO users (id, email, display_name, password_hash, created_at)
  SELECT ${USER('n')}, 'person' || n || '@halo.example', 'Person ' || n, 'none', now() - n * interval '1 hour'
  FROM generate_series(1, $1::int) AS n`;

const DEVICES = `INSERT INTO devices (id, user_id, last_seq, created_at, last_seen_at)
  SELECT ${ID}, ${USER(`1 + n % (SELECT count(1)::int FROM users WHERE email LIKE 'person%')`)}, n % 40,
    now() - interval '20 days', now() - (n % 50) * interval '1 hour'
  FROM generate_series(1, $1::int) AS n`;

/** Two of three were heard within the last day and are silent since; some have something to send, some an error. */
const STATUS = `INSERT INTO device_status (id, user_id, known_by, app_version, first_seen_at, heard_at, silent_since, pending,
    rejected, oldest_s, reported_at, pending_since, error_code, error_from, error_at)
  SELECT id, user_id, 'device', (ARRAY['0.1.0', '0.1.0', '0.0.9'])[1 + last_seq % 3], created_at, last_seen_at, last_seen_at,
    CASE WHEN last_seq % 5 = 0 THEN 3 ELSE 0 END, CASE WHEN last_seq % 11 = 0 THEN 1 ELSE 0 END,
    CASE WHEN last_seq % 5 = 0 THEN last_seq * 200 END, last_seen_at,
    CASE WHEN last_seq % 5 = 0 THEN last_seen_at END,
    CASE WHEN last_seq % 13 = 0 THEN 'replica_unavailable' END, CASE WHEN last_seq % 13 = 0 THEN 'device' END,
    CASE WHEN last_seq % 13 = 0 THEN last_seen_at END
  FROM devices`;

const EVENTS = `INSERT INTO device_events (device_id, user_id, at, kind, shape, code, times, instance)
  SELECT id, user_id, first_seen_at + step * interval '1 hour', (ARRAY['came', 'snapshot', 'refused', 'recovered'])[step],
    CASE WHEN step = 2 THEN 'incidents?region=01' END, CASE WHEN step = 3 THEN 'rate_limited' END, step, 'an instance'
  FROM (SELECT id, user_id, first_seen_at FROM device_status ORDER BY id LIMIT 50) AS few, generate_series(1, 4) AS step`;

const LEDGER = `INSERT INTO ledger (id, device_id, seq, user_id, type, args, request_hash, status, code, message, field, txid,
    claimed_at, settled_at)
  SELECT gen_random_uuid(), id, 1 + step, user_id, 'report.create',
    '{"type": "theft", "severity": 3, "description": "A bicycle was taken.", "location": {"lat": 59.3326, "lon": 18.0649}}',
    sha256(convert_to(id::text || step, 'UTF8')), CASE WHEN step % 6 = 5 THEN 'rejected' ELSE 'applied' END::mutation_status,
    CASE WHEN step % 6 = 5 THEN 'occurred_in_future' END, CASE WHEN step % 6 = 5 THEN 'It lies in the future.' END,
    CASE WHEN step % 6 = 5 THEN 'occurredAt' END, 700 + step, now() - step * interval '70 minutes',
    now() - step * interval '69 minutes'
  FROM (SELECT id, user_id FROM devices ORDER BY id LIMIT 12) AS few, generate_series(0, 17) AS step`;

const INCIDENTS = `INSERT INTO incidents (id, type, severity, verification, confidence, occurred_at, lat, lon, location_precision,
    region, municipality, report_count, reporter_count)
  SELECT gen_random_uuid(), (ARRAY['theft', 'fire', 'burglary', 'traffic_accident'])[1 + n % 4]::incident_type, 1 + n % 5,
    (ARRAY['unverified', 'corroborated', 'verified'])[1 + n % 3]::verification, 0.5, now() - n * interval '40 minutes',
    59.2 + (n % 17) * 0.025, 17.7 + (n % 23) * 0.03, 'point', '01', '0180', 1 + n % 3, 1
  FROM generate_series(1, 140) AS n`;

const RUNS = `INSERT INTO job_runs (id, job, trigger, state, started_at, finished_at, step, progress, result, error_code, error)
  SELECT ('00000000-0000-7000-8002-' || lpad(n::text, 12, '0'))::uuid, CASE WHEN n % 4 = 0 THEN 'retrain' ELSE 'score' END,
    CASE WHEN n = 8 THEN 'manual' ELSE 'schedule' END, CASE WHEN n = 3 THEN 'failed' ELSE 'succeeded' END,
    now() - n * interval '1 hour', now() - n * interval '1 hour' + n * interval '9 seconds', '', 1,
    CASE WHEN n = 3 THEN NULL ELSE '{"rows": 48210, "changed": 1204}'::jsonb END,
    CASE WHEN n = 3 THEN 'database_unavailable' END, CASE WHEN n = 3 THEN 'The database could not be reached.' END
  FROM generate_series(1, 12) AS n`;

/** Trained models; the baselines are there since the server has started. */
const MODELS = `WITH made AS (
    INSERT INTO models (id, place_kind, category, kind, features_version, sha256, cut_off, samples, metrics, decision, reason,
      run_id, trained_at, duration_ms)
    SELECT ('00000000-0000-7000-8003-' || lpad(n::text, 12, '0'))::uuid, 'cell-9', (ARRAY['all', 'theft', 'fire'])[1 + n % 3],
      'trained', 1, repeat('ab', 32), now() - n * interval '1 day', '{"incidents": 41200, "places": 1900, "rows": 1000000}',
      $1::jsonb, (ARRAY['promoted', 'kept', 'failed'])[1 + n % 3],
      'Its PAI at 1 % is better than the count of the last 365 days by 1.5 (1.35 to 1.65).',
      '00000000-0000-7000-8002-000000000004'::uuid, now() - n * interval '1 day', 48000
    FROM generate_series(1, 12) AS n RETURNING id, place_kind, category),
  artefacts AS (INSERT INTO model_artefacts (model_id, onnx) SELECT id, '\\x00' FROM made),
  speaks AS (INSERT INTO champions (place_kind, category, model_id, since)
    SELECT place_kind, category, max(id::text)::uuid, now() - interval '3 days' FROM made GROUP BY place_kind, category
    ON CONFLICT (place_kind, category) DO UPDATE SET model_id = EXCLUDED.model_id, since = EXCLUDED.since
    RETURNING place_kind, category, model_id, since)
  INSERT INTO champion_changes (place_kind, category, model_id, cause, changed_at)
  SELECT place_kind, category, model_id, 'gate', since FROM speaks`;

const POLLS = `INSERT INTO feed_polls (id, feed, started_at, finished_at, outcome, reason, http_status, items, items_new)
  SELECT gen_random_uuid(), 'polisen', now() - n * interval '5 minutes', now() - n * interval '5 minutes' + interval '800 ms',
    (CASE WHEN n = 7 THEN 'failed' WHEN n % 3 = 0 THEN 'applied' ELSE 'unchanged' END)::feed_poll_outcome,
    CASE WHEN n = 7 THEN 'http_status' END, CASE WHEN n = 7 THEN 503 ELSE 200 END, 500, CASE WHEN n % 3 = 0 THEN 2 ELSE 0 END
  FROM generate_series(1, 40) AS n`;

/** A test of a model, in the form that training leaves. */
function evaluation() {
  const estimate = (value: number) => ({ value, lower: value * 0.86, upper: value * 1.12 });
  const byArea = (value: number) => ({
    '1': estimate(value),
    '5': estimate(value / 2),
    '10': estimate(value / 3),
  });
  const scores = (factor: number) => ({
    pai: byArea(14.2 * factor),
    pei: byArea(0.48 * factor),
    deviance: estimate(0.21 / factor),
    brier: estimate(0.031 / factor),
  });
  return {
    ...{
      from: '2025-11-24T00:00:00.000Z',
      to: '2026-11-16T00:00:00.000Z',
      origins: 52,
      incidents: 8_300,
      places: 1_900,
    },
    model: scores(1),
    rivals: { 'count-365': scores(0.84) },
    differences: [{ rival: 'count-365', pai: byArea(2.2), deviance: estimate(0.02) }],
    reliability: [0.02, 0.05, 0.11, 0.2, 0.34, 0.52].map((expected, n) => ({
      ...{ expected, seen: expected * (n % 2 === 0 ? 0.94 : 1.08), rows: 120_000 - n * 19_000 },
    })),
  };
}

/** A week: five hours ago replication was down for 20 minutes and then behind, two hours ago devices were stuck, and once nobody looked; beside what the server writes. */
const HISTORY = `INSERT INTO sync_history (minute, verdict, verdict_since, lag_bytes, lag_seconds, lag_instance, retained_bytes,
    devices_live, devices_behind, devices_stalled, devices_offline, devices_revoked, outbox_pending, outbox_rejected, outbox_stuck,
    mutations_applied, mutations_rejected)
  SELECT minute, CASE WHEN down > 0 THEN 'replication_down' WHEN behind > 0 THEN 'replication_behind'
                      WHEN stalled > 0 THEN 'devices_need_a_look' ELSE 'well' END,
    minute, down * 40000 + behind * 9000, down * 60 + behind * 25, CASE WHEN down + behind > 0 THEN 'aaaaaaaaaaaa' END,
    16000000 + down * 2000000, 700 - stalled - down * 10, behind * 5, stalled, 120 + down * 10 + n % 7, 3, 20 + stalled + down * 4, 2,
    stalled / 4, 3 + n % 5, CASE WHEN n % 9 = 0 THEN 1 ELSE 0 END
  FROM (SELECT n, date_trunc('minute', now()) - n * interval '1 minute' AS minute,
          CASE WHEN n BETWEEN 291 AND 310 THEN 311 - n ELSE 0 END AS down,
          CASE WHEN n BETWEEN 271 AND 290 THEN n - 270 ELSE 0 END AS behind,
          CASE WHEN n BETWEEN 90 AND 120 THEN 40 ELSE 0 END AS stalled
        FROM generate_series(1, 7 * 1440) AS n WHERE n NOT BETWEEN 3000 AND 3200) AS minutes
  ON CONFLICT (minute) DO NOTHING`;
