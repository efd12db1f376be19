import { describe, expect, it, onTestFinished } from 'vitest';
import { createLeases } from '../../server/jobs/lease.ts';
import { createScheduler } from '../../server/jobs/scheduler.ts';
import type { Pool } from '../../server/db/pool.ts';
import { HaloError } from '../../server/platform/errors.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { pinModel, rollBack, unpinSeries } from '../../server/predictions/api/decide-champion.ts';
import { readChampions } from '../../server/predictions/champion-store.ts';
import type { Evaluation, Forecaster, GateDecision } from '../../server/predictions/forecast.ts';
import { createLocalHistories } from '../../server/predictions/local-histories.ts';
import { findModel } from '../../server/predictions/model-store.ts';
import { predictionJobs } from '../../server/predictions/prediction-jobs.ts';
import type { PredictionParts } from '../../server/predictions/prediction-parts.ts';
import { createRunTrigger } from '../../server/predictions/run-trigger.ts';
import { addUsers } from './mutations-support.ts';
import { useTestDatabase } from '../support/database.ts';
import { plainForecaster } from '../support/plain-forecaster.ts';
import { eventually } from '../support/eventually.ts';
import { ALL, cellsOf, HOUR_MS, insertHistory, NOW, trainedOf } from './predictions-fixtures.ts';

const logger = createLogger('silent');
const NEVER_SOON = '0 0 29 2 *';
const day = (days: number) => new Date(NOW.getTime() - days * 24 * HOUR_MS);

/** A clock that goes by what a test says. */
function clockAt(start = NOW) {
  let now = start;
  return { now: () => now, advance: (ms: number) => void (now = new Date(now.getTime() + ms)) };
}

async function prepare() {
  const { pool, url } = await useTestDatabase();
  const [here, there] = cellsOf(2);
  await insertHistory(pool, [
    { at: here!, occurredAt: day(3) },
    { at: here!, occurredAt: day(2) },
    { at: there!, occurredAt: day(1) },
  ]);
  const [operator] = (await addUsers(pool, 1)) as [string];
  return { pool, url, operator, leases: () => createLeases({ databaseUrl: url, logger, heartbeatMs: 50 }) };
}

/** What an instance makes predictions with; what is trained is `trainedOf`, and scores as the baseline does. */
function partsOf(
  pool: Pool,
  {
    forecaster = forecasterOf(),
    ...changes
  }: Partial<PredictionParts> & { readonly forecaster?: Forecaster } = {},
) {
  const unusable: string[] = [];
  const clock = clockAt();
  const parts: PredictionParts = {
    pool,
    histories: createLocalHistories(pool, forecaster),
    decide: () => ({ decision: 'promoted', reason: 'It is better.' }),
    onUnusable: () => void unusable.push('one'),
    newId: () => crypto.randomUUID(),
    clock,
    logger,
    ...changes,
  };
  return { parts, unusable, clock };
}

function forecasterOf(changes: Partial<Forecaster> = {}): Forecaster {
  return {
    train: (_, series, cutOff) => Promise.resolve(trainedOf(series, cutOff)),
    score: (history, series, cutOff, _, signal) =>
      plainForecaster.score(history, series, cutOff, undefined, signal),
    ...changes,
  };
}

const signal = new AbortController().signal;
const jobOf = (parts: PredictionParts, name: string) =>
  predictionJobs(parts, NEVER_SOON).find((job) => job.name === name)!;
const runsOf = async (pool: Pool) =>
  (
    await pool.query<{
      id: string;
      state: string;
      error_code: string | null;
      result: { [key: string]: unknown };
    }>(
      'SELECT id, job, trigger, state, error_code, requested_by, progress, result FROM job_runs ORDER BY started_at, id',
    )
  ).rows;

describe('a retraining run', () => {
  it('records what the gate decides about each series, and serves what it promoted', async () => {
    const { pool } = await prepare();
    const decisions: GateDecision[] = [
      { decision: 'baseline', reason: 'Worse than the count.' },
      { decision: 'kept', reason: 'Not surely better.' },
      { decision: 'promoted', reason: 'Better by 0.2.' },
    ];
    const decide = ({ places }: Evaluation) => decisions[places]!;
    const forecaster = forecasterOf({
      train(_, series, cutOff) {
        const { evaluation, ...trained } = trainedOf(series, cutOff);
        const places = series.category === 'fire' ? 0 : series.category === 'traffic' ? 1 : 2;
        return Promise.resolve({ ...trained, evaluation: { ...evaluation, places } });
      },
    });
    const { parts } = partsOf(pool, { decide, forecaster });
    await jobOf(parts, 'retrain').run(signal);
    expect(await runsOf(pool)).toMatchObject([
      { job: 'retrain', trigger: 'schedule', state: 'succeeded', progress: 1 },
    ]);
    const champions = await readChampions(pool);
    expect(champions).toHaveLength(16);
    for (const { category, kind, decision } of champions)
      expect({ category, kind }, decision).toEqual({
        category,
        kind: ['fire', 'traffic'].includes(category) ? 'baseline' : 'trained',
      });
    const { rows } = await pool.query(
      `SELECT decision, reason, samples->>'rows' AS rows, metrics->'model'->'deviance'->>'lower' AS lower, length(sha256) AS hash,
         (SELECT count(*)::int FROM model_artefacts a WHERE a.model_id = models.id) AS artefacts
       FROM models WHERE kind = 'trained' AND category = 'fire' AND place_kind = 'cell-9'`,
    );
    expect(rows).toEqual([
      {
        decision: 'baseline',
        reason: 'Worse than the count.',
        rows: '100',
        lower: '0.1',
        hash: 64,
        artefacts: 1,
      },
    ]);
    const { rows: served } = await pool.query(
      `SELECT DISTINCT p.category, m.kind FROM predictions p JOIN models m ON m.id = p.model_id
       WHERE p.place_kind = 'cell-9' ORDER BY p.category`,
    );
    expect(served).toEqual([
      { category: 'all', kind: 'trained' },
      { category: 'burglary', kind: 'trained' },
    ]);
  });

  it('streams at the next hour only what differs', async () => {
    const { pool } = await prepare();
    const { parts, clock } = partsOf(pool);
    await jobOf(parts, 'retrain').run(signal);
    const changed = async () =>
      (await pool.query<{ changed: number; rows: number }>('SELECT changed, rows FROM prediction_sets'))
        .rows[0]!;
    const first = await changed();
    expect(first.changed).toBe(first.rows);
    clock.advance(HOUR_MS);
    await jobOf(parts, 'score').run(signal);
    expect(await changed()).toEqual({ changed: 0, rows: first.rows });
    await insertHistory(pool, [{ at: cellsOf(1)[0]!, type: 'fire', occurredAt: clock.now() }]);
    clock.advance(HOUR_MS);
    await jobOf(parts, 'score').run(signal);
    const last = await changed();
    // Burglaries are as they were, but for what counts among all types.
    expect(last.changed).toBeGreaterThan(0);
    const { rows } = await pool.query(
      `SELECT category, computed_at FROM predictions WHERE computed_at = $1 AND category NOT IN ('all', 'fire')`,
      [clock.now()],
    );
    expect(rows).toEqual([]);
  });

  it('fails loudly when a series cannot be trained, and goes on by the models in use', async () => {
    const { pool } = await prepare();
    let fails = false;
    const forecaster = forecasterOf({
      train(_, series, cutOff) {
        if (!fails || series.category !== 'burglary') return Promise.resolve(trainedOf(series, cutOff));
        return Promise.reject(new HaloError('no_convergence', 'The loss grows.'));
      },
    });
    const { parts, clock } = partsOf(pool, { forecaster });
    await jobOf(parts, 'retrain').run(signal);
    const before = await readChampions(pool);
    fails = true;
    clock.advance(HOUR_MS);
    await expect(jobOf(parts, 'retrain').run(signal)).rejects.toMatchObject({ code: 'training_failed' });
    const [, failed] = await runsOf(pool);
    expect(failed).toMatchObject({ state: 'failed', error_code: 'training_failed' });
    const { rows } = await pool.query(
      `SELECT reason, sha256 FROM models WHERE decision = 'failed' AND place_kind = 'cell-9'`,
    );
    expect(rows).toEqual([{ reason: 'no_convergence: The loss grows.', sha256: null }]);
    const burglary = (champions: typeof before) =>
      champions.filter(({ category }) => category === 'burglary');
    expect(burglary(await readChampions(pool))).toEqual(burglary(before));
  });

  it('leaves a pinned champion in its place, and says what it would have decided', async () => {
    const { pool, operator } = await prepare();
    const { parts, clock } = partsOf(pool);
    await jobOf(parts, 'retrain').run(signal);
    const allOf = async () =>
      (await readChampions(pool)).find((one) => one.placeKind === 'cell-9' && one.category === 'all')!;
    const first = await allOf();
    await pinModel(pool, first.id, { userId: operator }, clock.now());
    clock.advance(HOUR_MS);
    await jobOf(parts, 'retrain').run(signal);
    expect(await allOf()).toMatchObject({ id: first.id, pinned: true, pinnedBy: operator });
    const { rows } = await pool.query(
      `SELECT decision, reason FROM models WHERE place_kind = 'cell-9' AND category = 'all' AND kind = 'trained' AND id <> $1`,
      [first.id],
    );
    const reason = 'An operator has pinned the model in use. Otherwise (promoted): It is better.';
    expect(rows).toEqual([{ decision: 'kept', reason }]);
    // Unpinned, the gate decides again; and a roll-back leads to what spoke before.
    await unpinSeries(pool, ALL, { userId: operator }, clock.now());
    clock.advance(HOUR_MS);
    await jobOf(parts, 'retrain').run(signal);
    const third = await allOf();
    expect(third).toMatchObject({ decision: 'promoted', pinned: false });
    await rollBack(pool, ALL, { userId: operator }, clock.now());
    expect((await allOf()).id).toBe(first.id);
    await rollBack(pool, ALL, { userId: operator }, clock.now());
    expect((await allOf()).kind).toBe('baseline');
    await expect(rollBack(pool, ALL, { userId: operator }, clock.now())).rejects.toMatchObject({
      code: 'no_previous_model',
    });
  });

  it('goes back to the model that the gate took away for the baseline', async () => {
    const { pool, operator } = await prepare();
    let decision: GateDecision = { decision: 'promoted', reason: 'It is better.' };
    const { parts, clock } = partsOf(pool, { decide: () => decision });
    const allOf = async () =>
      (await readChampions(pool)).find((one) => one.placeKind === 'cell-9' && one.category === 'all')!;
    await jobOf(parts, 'retrain').run(signal);
    const trained = await allOf();
    decision = { decision: 'baseline', reason: 'The count is better.' };
    clock.advance(HOUR_MS);
    await jobOf(parts, 'retrain').run(signal);
    expect((await allOf()).kind).toBe('baseline');
    await rollBack(pool, ALL, { userId: operator }, clock.now());
    expect((await allOf()).id).toBe(trained.id);
    await rollBack(pool, ALL, { userId: operator }, clock.now());
    expect((await allOf()).kind).toBe('baseline');
  });

  it.each([
    ['fails', new Error('out of memory'), 'internal'],
    ['finds no runtime', new HaloError('onnx_runtime_failed', 'No thread.'), 'onnx_runtime_failed'],
  ])('keeps the old predictions and their models when scoring %s', async (_, fault, code) => {
    const { pool } = await prepare();
    const { parts, clock } = partsOf(pool);
    await jobOf(parts, 'retrain').run(signal);
    const champions = await readChampions(pool);
    const read = async () =>
      (await pool.query<{ xmin: string }>('SELECT xmin, place, computed_at FROM predictions')).rows;
    const before = await read();
    clock.advance(20 * HOUR_MS);
    const broken = forecasterOf({ score: () => Promise.reject(fault) });
    await expect(
      jobOf({ ...parts, histories: createLocalHistories(pool, broken) }, 'score').run(signal),
    ).rejects.toMatchObject({ code });
    expect(await read()).toEqual(before);
    expect(await readChampions(pool)).toEqual(champions);
    expect(await runsOf(pool)).toMatchObject([{ state: 'succeeded' }, { state: 'failed', error_code: code }]);
    expect((await pool.query('SELECT run_id FROM prediction_drafts')).rowCount).toBe(0);
  });

  it('falls back from what cannot be used, to the champion before and at last to the baseline', async () => {
    const { pool } = await prepare();
    const { parts, clock, unusable } = partsOf(pool);
    await jobOf(parts, 'retrain').run(signal);
    const idOf = async () =>
      (await readChampions(pool)).find((one) => one.placeKind === 'cell-9' && one.category === 'all')!;
    const first = await idOf();
    clock.advance(HOUR_MS);
    await jobOf(parts, 'retrain').run(signal);
    const second = await idOf();
    expect(second.id).not.toBe(first.id);

    await pool.query(`UPDATE model_artefacts SET onnx = onnx || '\\x00' WHERE model_id = $1`, [second.id]);
    clock.advance(HOUR_MS);
    await jobOf(parts, 'score').run(signal);
    expect((await idOf()).id).toBe(first.id);
    const { rows } = await pool.query('SELECT unusable_code, unusable_at FROM models WHERE id = $1', [
      second.id,
    ]);
    expect(rows).toEqual([{ unusable_code: 'artefact_unusable', unusable_at: clock.now() }]);
    expect(unusable).toHaveLength(1);

    // Features of another version: the forecaster says so, and the model is as good as before.
    const forecaster = forecasterOf({
      score(history, series, cutOff, artefact, aborted) {
        if (artefact?.sha256 === first.sha256) throw new HaloError('features_differ', 'Of other features.');
        return plainForecaster.score(history, series, cutOff, undefined, aborted);
      },
    });
    clock.advance(HOUR_MS);
    await jobOf({ ...parts, histories: createLocalHistories(pool, forecaster) }, 'score').run(signal);
    expect((await idOf()).kind).toBe('baseline');
    expect(await findModel(pool, first.id)).toMatchObject({ unusableAt: null });
    expect(unusable).toHaveLength(2);
    const { rows: served } = await pool.query(
      `SELECT DISTINCT model_id FROM predictions WHERE category = 'all' AND place_kind = 'cell-9'`,
    );
    expect(served).toEqual([{ model_id: (await idOf()).id }]);
  });
});

describe('one run at a time', () => {
  it('of two instances that are asked at once one runs, and the other says which', async () => {
    const { pool, leases, operator } = await prepare();
    let finish = () => {};
    const held = new Promise<void>((resolve) => (finish = resolve));
    const forecaster = forecasterOf({
      train: async (_, series, cutOff) => {
        await held;
        return trainedOf(series, cutOff);
      },
    });
    const triggers = [1, 2].map(() => createRunTrigger(partsOf(pool, { forecaster }).parts, leases()));
    onTestFinished(() => Promise.all(triggers.map((trigger) => trigger.close())).then(() => {}));
    const answers = await Promise.allSettled(
      triggers.map((trigger) => trigger.retrain({ userId: operator })),
    );
    const taken = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    const refused = answers.flatMap((answer) =>
      answer.status === 'rejected' ? [answer.reason as HaloError] : [],
    );
    expect([taken.length, refused.length]).toEqual([1, 1]);
    expect(refused[0]).toMatchObject({ code: 'run_in_progress', status: 409 });
    for (const trigger of triggers)
      await expect(trigger.retrain({ userId: operator })).rejects.toMatchObject({
        code: 'run_in_progress',
        details: { runId: taken[0] },
      });
    // The schedule stands back, too.
    const { parts } = partsOf(pool, { forecaster });
    const scheduler = createScheduler({
      jobs: [{ ...jobOf(parts, 'retrain'), lastRunAt: () => Promise.resolve(undefined) }],
      leases: leases(),
      clock: parts.clock,
      logger,
    });
    const stopped = new AbortController();
    const running = scheduler.run(stopped.signal);
    finish();
    await eventually(async () => (await runsOf(pool)).every(({ state }) => state === 'succeeded'));
    stopped.abort();
    await running;
    expect(await runsOf(pool)).toMatchObject([
      { id: taken[0], job: 'retrain', trigger: 'manual', requested_by: operator, state: 'succeeded' },
    ]);
  });

  it('a run whose holder is gone is abandoned by the next, and changes nothing when it wakes', async () => {
    const { pool, leases, operator } = await prepare();
    let wake = () => {};
    let sleeps = false;
    const asleep = new Promise<void>((resolve) => (wake = resolve));
    // Heeds no signal, as a process that is stopped or cut off does not.
    const forecaster = forecasterOf({
      train: async (_, series, cutOff) => {
        sleeps = true;
        await asleep;
        return trainedOf(series, cutOff);
      },
    });
    const dead = createRunTrigger(partsOf(pool, { forecaster }).parts, leases());
    const first = await dead.retrain({ userId: operator });
    await eventually(() => sleeps);
    await pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'halo lease retrain'`,
    );
    const next = createRunTrigger(partsOf(pool).parts, leases());
    const second = await eventually(() => next.retrain({ userId: operator }));
    await eventually(async () =>
      (await runsOf(pool)).some(({ id, state }) => id === second && state === 'succeeded'),
    );
    const abandoned = { id: first, state: 'abandoned', error_code: 'run_abandoned' };
    expect((await runsOf(pool)).find(({ id }) => id === first)).toMatchObject(abandoned);
    const before = await readChampions(pool);
    wake();
    await dead.close();
    await next.close();
    expect((await runsOf(pool)).find(({ id }) => id === first)).toMatchObject(abandoned);
    expect(await readChampions(pool)).toEqual(before);
    expect((await pool.query('SELECT id FROM models WHERE run_id = $1', [first])).rowCount).toBe(0);
  });

  it('a stop interrupts what runs', async () => {
    const { pool, leases, operator } = await prepare();
    const forecaster = forecasterOf({
      train: (_h, _s, _c, _ch, _p, aborted) =>
        new Promise((_, reject) => {
          aborted.addEventListener('abort', () => reject(aborted.reason as Error), { once: true });
        }),
    });
    const trigger = createRunTrigger(partsOf(pool, { forecaster }).parts, leases());
    await trigger.retrain({ userId: operator });
    await trigger.close();
    expect(await runsOf(pool)).toMatchObject([{ state: 'failed', error_code: 'run_interrupted' }]);
    await expect(trigger.retrain({ userId: operator })).rejects.toMatchObject({ code: 'stopping' });
  });
});
