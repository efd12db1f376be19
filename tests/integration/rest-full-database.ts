import { createHash } from 'node:crypto';
import { EXAMPLE } from '../../server/auth/declaration-parts.ts';
import { createPasswords } from '../../server/auth/passwords.ts';
import { hashOfSecret } from '../../server/auth/secret-token.ts';
import type { Pool } from '../../server/db/pool.ts';
import { inTransaction } from '../../server/db/transaction.ts';
import { EXAMPLE_CHECK, EXAMPLE_INSPECTED } from '../../server/inspector/examples.ts';
import { EXAMPLE_CELL, EXAMPLE_MODEL, EXAMPLE_RUN } from '../../server/predictions/api/examples.ts';
import { changeChampion, ensureChampions } from '../../server/predictions/champion-store.ts';
import { SERVED_SERIES } from '../../server/predictions/prediction-parts.ts';
import { EXAMPLE_IDS } from '../../server/reports/examples.ts';
import { placeOfPoint } from '../../server/reports/place-of-point.ts';
import { createReportWriter } from '../../server/reports/report-writer.ts';
import type { NewReport } from '../../server/reports/report.ts';
import { WELL } from '../support/inspector.ts';
import { gazetteer, NOW } from './mutations-support.ts';

const HERE = { lat: 59.3326, lon: 18.0649, accuracyM: 20 };

/** Who has said what in the full database. */
export interface Authors {
  /** Has reported the examples' report. */
  readonly reporter: string;
  /** Has reported with him, and commented. */
  readonly other: string;
}

/**
 * Fills a database so that every id of the document's examples is one: incidents in each state, an official event that may be one of
 * them, comments, votes and history.
 */
export async function fillDatabase(pool: Pool, { reporter, other }: Authors): Promise<void> {
  const ids = EXAMPLE_IDS;
  const far = { ...HERE, lat: 59.5 };
  await record(pool, ids.incident, [
    reportOf(ids.report, reporter, HERE),
    reportOf(ids.partedReport, other, { ...HERE, lat: HERE.lat + 0.00005 }),
  ]);
  await record(pool, ids.otherIncident, [reportOf(ids.withdrawnReport, other, far)]);
  const centre = gazetteer.byCode('0180')!;
  await record(pool, ids.officialEvent, [
    {
      ...reportOf(crypto.randomUUID(), null, HERE),
      source: 'official',
      rawType: 'Stöld',
      place: {
        ...placeOfPoint(gazetteer, HERE),
        lat: centre.lat,
        lon: centre.lon,
        precision: 'municipality',
        accuracyM: null,
        areaBasis: 'declared',
      },
    },
  ]);
  await pool.query(
    `INSERT INTO incidents (id, type, severity, status, confidence, occurred_at, lat, lon, location_precision, report_count,
       reporter_count, merged_into)
     VALUES ($1, 'theft', 2, 'merged', 0, $3, 59.3, 18, 'point', 0, 0, $2)`,
    [ids.mergedIncident, ids.incident, NOW],
  );
  await pool.query(
    `INSERT INTO incident_matches (official_id, incident_id, region, state, probability) VALUES ($1, $2, '01', 'candidate', 0.4)`,
    [ids.officialEvent, ids.incident],
  );
  await pool.query(
    `INSERT INTO comments (id, incident_id, region, author_id, by_officer, body, deleted_at)
     VALUES ($1, $3, '01', $4, false, 'Seen it', NULL), ($2, $3, '01', $4, true, 'Gone', now())`,
    [ids.comment, ids.deletedComment, ids.incident, other],
  );
  await pool.query('INSERT INTO comment_votes (comment_id, user_id, up) VALUES ($1, $2, false)', [
    ids.comment,
    reporter,
  ]);
  await pool.query(
    `INSERT INTO incident_transitions (id, incident_id, region, actor_id, from_state, to_state, note)
     VALUES ($1, $2, '01', $3, 'closed', 'open', 'It goes on')`,
    [ids.step, ids.incident, other],
  );
  await fillPredictions(pool);
  await fillPeople(pool, reporter);
  await fillDevices(pool, reporter);
}

/** A colleague with a session, somebody who may set a new password, an open invitation, a service token and an entry about them. */
async function fillPeople(pool: Pool, reporter: string): Promise<void> {
  const password = await (await createPasswords()).hash(EXAMPLE.password);
  const forgetful = crypto.randomUUID();
  const never = new Date('2100-01-01T00:00:00Z');
  await pool.query(
    `INSERT INTO users (id, email, display_name, password_hash, created_at)
     VALUES ($1, 'colleague@halo.example', 'A colleague', $2, $4), ($3, 'forgetful@halo.example', 'Forgetful', $2, $4)`,
    [EXAMPLE.user, password, forgetful, NOW],
  );
  await pool.query(`INSERT INTO users (id, display_name, service) VALUES ($1, 'Alarm centre', true)`, [
    EXAMPLE.serviceUser,
  ]);
  await pool.query(
    `INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at)
     SELECT id, user_id, $3, $3, $4 FROM unnest($1::uuid[], $2::uuid[]) AS made (id, user_id)`,
    [
      [EXAMPLE.session, EXAMPLE.ownSession, crypto.randomUUID()],
      [EXAMPLE.user, reporter, EXAMPLE.serviceUser],
      NOW,
      never,
    ],
  );
  await pool.query(
    `INSERT INTO invitations (id, email, role, token_hash, created_at, expires_at)
     VALUES ($1, 'newcomer@halo.example', 'officer', $2, $3, $4), (gen_random_uuid(), 'next@halo.example', 'officer', $5, $3, $4)`,
    [EXAMPLE.invitation, hashOfSecret('another'), NOW, never, hashOfSecret(EXAMPLE.invitationToken)],
  );
  await pool.query(
    'INSERT INTO password_resets (user_id, token_hash, issued_at, expires_at) VALUES ($1, $2, $3, $4)',
    [forgetful, hashOfSecret(EXAMPLE.resetToken), NOW, never],
  );
  await pool.query(
    `INSERT INTO service_tokens (id, user_id, session_id, name, scopes, token_hash, created_at, expires_at)
     VALUES ($1, $2, gen_random_uuid(), 'Alarm centre', '{reports:write,incidents:read}', $3, $4, $5)`,
    [EXAMPLE.serviceToken, EXAMPLE.serviceUser, hashOfSecret('nobody’s'), NOW, never],
  );
}

/** A run, the model that it made, which speaks for a series, and what that predicts; before it the baseline spoke. */
async function fillPredictions(pool: Pool): Promise<void> {
  const { id, placeKind, category, featuresVersion, samples, evaluation, decision, reason, ...model } =
    EXAMPLE_MODEL;
  const onnx = Buffer.from('an artefact');
  const hash = createHash('sha256').update(onnx).digest('hex');
  await inTransaction(pool, (tx) => ensureChampions(tx, SERVED_SERIES, () => crypto.randomUUID(), NOW));
  await pool.query(
    `INSERT INTO job_runs (id, job, trigger, state, started_at, finished_at) VALUES ($1, 'retrain', 'schedule', 'succeeded', $2, $2)`,
    [EXAMPLE_RUN.id, NOW],
  );
  await pool.query(
    `INSERT INTO models (id, place_kind, category, kind, features_version, sha256, cut_off, samples, metrics, decision, reason,
       run_id, trained_at, duration_ms) VALUES ($1, $2, $3, 'trained', $4, $5, $6, $7, $8, $9, $10, $11, $6, $12)`,
    [
      id,
      placeKind,
      category,
      featuresVersion,
      hash,
      NOW,
      samples,
      evaluation,
      decision,
      reason,
      EXAMPLE_RUN.id,
      model.durationMs,
    ],
  );
  await pool.query('INSERT INTO model_artefacts (model_id, onnx) VALUES ($1, $2)', [id, onnx]);
  const series = { placeKind: 'cell-9', category: 'all' } as const;
  await inTransaction(pool, (tx) =>
    changeChampion(tx, { series, modelId: id, cause: 'gate', by: null }, NOW),
  );
  await pool.query(
    `INSERT INTO predictions (category, place, window_start, window_end, place_kind, region, lat, lon, expected, lower, upper, rank,
       band, reasons, model_id, cut_off, computed_at, valid_until)
     SELECT 'all', $1, start, start + interval '6 hours', 'cell-9', '01', 59.3318, 18.0686, 0.31, 0.22, 0.42, 1, 4,
       '[{"code":"hours","factor":1.8}]', $2, $3, $3, start + interval '6 hours'
     FROM generate_series($3::timestamptz - interval '1 hour', $3::timestamptz + interval '7 days', interval '6 hours') start
     ON CONFLICT DO NOTHING`,
    [EXAMPLE_CELL, id, NOW],
  );
}

/** A device of the person's with its contacts, what happened to it, a mutation, a check, and a feed that was polled. */
async function fillDevices(pool: Pool, userId: string): Promise<void> {
  const { device, mutation, check } = EXAMPLE_INSPECTED;
  await pool.query('INSERT INTO devices (id, user_id, last_seq) VALUES ($1, $2, 12)', [device, userId]);
  await pool.query(
    `INSERT INTO device_status (id, user_id, known_by, app_version, pending, rejected, oldest_s, reported_at, pending_since,
       error_code, error_from, error_at) VALUES ($1, $2, 'device', '0.1.0', 1, 1, 20, now(), now(), 'replica_full', 'device', now())`,
    [device, userId],
  );
  await pool.query(
    `INSERT INTO device_contacts (id, instance, heard_at, since, due_s, shapes)
     VALUES ($1, '0123456789ab', now(), now() - interval '1 hour', 28, $2)`,
    [device, JSON.stringify([['my_watches', 'live', '26713248_0', 4_000, 24_000, 0]])],
  );
  await pool.query(
    `INSERT INTO device_events (device_id, user_id, at, kind, instance) VALUES ($1, $2, now(), 'came', '0123456789ab')`,
    [device, userId],
  );
  await pool.query(
    `INSERT INTO device_checks (id, device_id, user_id, sent_at, answered_at, answer) VALUES ($1, $2, $3, now(), now(), $4)`,
    [check, device, userId, EXAMPLE_CHECK.answer],
  );
  await pool.query(
    `INSERT INTO ledger (id, device_id, seq, user_id, type, args, request_hash, status, code, message, txid, claimed_at)
     VALUES ($1, $2, 12, $3, 'report.create', $4, $5, 'rejected', 'invalid_args', 'no', 1, now())`,
    [mutation, device, userId, { location: { lat: 59.332581, lon: 18.0649 } }, Buffer.alloc(32)],
  );
  await pool.query(
    `INSERT INTO watches (id, user_id, name, lat, lon, radius_m, threshold) VALUES ($1, $2, 'Home', 59.332581, 18.0649, 500, 0.2)`,
    [mutation, userId],
  );
  await pool.query(
    `INSERT INTO feed_polls (id, feed, started_at, finished_at, outcome, items, items_new)
     VALUES ($1, 'polisen', now(), now(), 'applied', 500, 2)`,
    [check],
  );
  await pool.query(
    `INSERT INTO instance_status (instance, reported_at, report) VALUES ('aaaaaaaaaaaa', now() - interval '1 hour', $1)`,
    [WELL],
  );
  await pool.query(
    `INSERT INTO sync_history (minute, verdict, verdict_since, lag_bytes, lag_seconds, lag_instance, retained_bytes, devices_live,
       devices_behind, devices_stalled, devices_offline, devices_revoked, outbox_pending, outbox_rejected, outbox_stuck,
       mutations_applied, mutations_rejected)
     VALUES ('2026-11-25T05:31:00Z', 'replication_behind', '2026-11-25T05:30:00Z', 81920, 12.4, 'aaaaaaaaaaaa', 1000, 1, 1, 0, 2,
       0, 3, 1, 0, 4, 1)`,
  );
  await pool.query(
    `INSERT INTO replication_events (instance, at, kind, code, message) VALUES ('aaaaaaaaaaaa', now(), 'reset', 'slot_lost', NULL)`,
  );
}

function record(pool: Pool, incidentId: string, reports: readonly NewReport[]): Promise<unknown> {
  const writer = createReportWriter({ newId: () => incidentId });
  return inTransaction(pool, (tx) => writer.recordAll(tx, reports));
}

function reportOf(id: string, reporterId: string | null, point: typeof HERE): NewReport {
  return {
    id,
    source: 'user',
    reporterId,
    deviceId: null,
    type: 'theft',
    rawType: null,
    severity: 3,
    occurredAt: new Date(NOW.getTime() - 30 * 60_000),
    claimedAt: null,
    clockSuspect: false,
    register: null,
    knownAt: null,
    description: 'A bicycle was taken from the yard behind the station',
    place: placeOfPoint(gazetteer, point),
  };
}
