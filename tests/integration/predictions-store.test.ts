import { expect, it } from 'vitest';
import { INCIDENT_TYPES } from '@halo/shapes/taxonomy/incident-type.ts';
import type { Pool } from '../../server/db/pool.ts';
import { inTransaction } from '../../server/db/transaction.ts';
import { changeChampion } from '../../server/predictions/champion-store.ts';
import { readHistory } from '../../server/predictions/history-store.ts';
import { draftPredictions, dropDrafts, putInForce } from '../../server/predictions/prediction-store.ts';
import { beginRun, finishRun, SCORE_JOB } from '../../server/jobs/run-store.ts';
import { useTestDatabase } from '../support/database.ts';
import {
  ALL,
  BURGLARY,
  cellsOf,
  CUT_OFF,
  forecastsOf,
  HOUR_MS,
  insertHistory,
  NOW,
  prepareSeries,
  WINDOW_MS,
} from './predictions-fixtures.ts';

const signal = new AbortController().signal;
const ZONE = 'Europe/Stockholm';
const later = (ms: number) => new Date(NOW.getTime() + ms);

it('reads the incidents that were known, each once, and nothing that patrols find', async () => {
  const { pool } = await useTestDatabase();
  const [here, there] = cellsOf(2) as [
    ReturnType<typeof cellsOf>[number],
    ReturnType<typeof cellsOf>[number],
  ];
  const day = (days: number) => later(-days * 24 * HOUR_MS);
  const [first] = await insertHistory(pool, [
    { at: there, occurredAt: day(9), knownAt: day(2) },
    { at: here, occurredAt: day(5), type: 'theft' },
    { at: here, occurredAt: day(4), precision: 'municipality', municipality: '0184' },
    { at: here, occurredAt: day(3), region: '03' },
    { at: here, occurredAt: day(3), region: null, municipality: null },
    { at: here, occurredAt: day(3), type: 'drugs' },
    { at: here, occurredAt: day(3), changes: `verification = 'dismissed'` },
    { at: here, occurredAt: day(3), knownAt: later(1) },
  ]);
  await insertHistory(pool, [
    { at: here, occurredAt: day(3), changes: `status = 'merged', merged_into = '${first}'` },
    { at: here, occurredAt: day(3), changes: `matched_to = '${first}'` },
  ]);
  const cells = await readHistory(pool, 'cell-9', CUT_OFF, ZONE, signal);
  const ids = [there.id, here.id];
  expect(cells.places.map(({ id, region }) => ({ id, region }))).toEqual(
    // One of the incidents at `here` is said to lie in 01, another in 03: the lower code has as many.
    ids.map((id) => ({ id, region: '01' })),
  );
  expect([...cells.place].map((place) => cells.places[place]!.id)).toEqual([
    there.id,
    here.id,
    here.id,
    here.id,
  ]);
  expect([...cells.occurredAt].map((at) => new Date(at))).toEqual([day(9), day(5), day(3), day(3)]);
  expect(new Date(cells.knownAt[0]!)).toEqual(day(2));
  expect([...cells.type].map((type) => INCIDENT_TYPES[type])).toEqual([
    'burglary',
    'theft',
    'burglary',
    'burglary',
  ]);

  const areas = await readHistory(pool, 'municipality', CUT_OFF, ZONE, signal);
  expect(areas.places, 'all municipalities').toHaveLength(290);
  const told = [...areas.place].map((place) => areas.places[place]!);
  expect(told.map(({ id, region }) => `${id} ${region}`)).toEqual([
    '0180 01',
    '0180 01',
    '0184 01',
    '0180 01',
  ]);
  const before = await readHistory(pool, 'cell-9', day(3.5), ZONE, signal);
  expect(before.place, 'what became known later is not there').toHaveLength(1);
  await expect(
    readHistory(pool, 'cell-9', CUT_OFF, ZONE, AbortSignal.abort(new Error('enough'))),
  ).rejects.toThrow('enough');
});

/** Drafts expected counts of burglaries as a new run, and puts them in force. */
async function replace(
  pool: Pool,
  modelId: string,
  expected: readonly number[],
  { at = NOW, windows = 2, from = NOW }: { at?: Date; windows?: number; from?: Date } = {},
) {
  const id = crypto.randomUUID();
  await beginRun(pool, { id, job: SCORE_JOB, trigger: 'schedule', requestedBy: null }, at);
  const speaker = { series: BURGLARY, modelId };
  await draftPredictions(pool, id, speaker, at, forecastsOf(expected, windows, from), signal);
  const changes = await putInForce(pool, id, [speaker], at, at);
  await finishRun(pool, id, { result: {} }, at);
  return changes;
}

it('invariant 10: each row names its model, cut-off and expiry, and a new set touches only what changed', async () => {
  const { pool } = await useTestDatabase();
  const [modelId] = (await prepareSeries(pool, [BURGLARY])) as [string];
  const read = async () =>
    (
      await pool.query<{ xmin: string; place: string; rank: number }>(
        'SELECT xmin::text, place, rank, model_id, cut_off, computed_at, valid_until FROM predictions ORDER BY place, window_start',
      )
    ).rows;
  expect(await replace(pool, modelId, [0.3, 0.2, 0.1])).toEqual({ rows: 6, written: 6, deleted: 0 });
  const first = await read();
  expect(first[0]).toMatchObject({
    model_id: modelId,
    cut_off: NOW,
    computed_at: NOW,
    valid_until: later(WINDOW_MS),
  });

  // The same but for noise in the fourth digit.
  const hourLater = { at: later(HOUR_MS) };
  expect(await replace(pool, modelId, [0.30001, 0.2, 0.1], hourLater)).toEqual({
    rows: 6,
    written: 0,
    deleted: 0,
  });
  expect(await read()).toEqual(first);

  // One place more than before, and one that says something else.
  expect(await replace(pool, modelId, [0.31, 0.2, 0.1, 0.05], hourLater)).toMatchObject({ rows: 8 });
  const second = await read();
  const written = new Set(second.map(({ xmin }) => xmin));
  expect(
    [...written].filter((xmin) => xmin !== first[0]!.xmin),
    'one transaction',
  ).toHaveLength(1);

  // The first window is over, and a place is no longer among the kept.
  const next = { at: later(WINDOW_MS), windows: 1, from: later(WINDOW_MS) };
  expect(await replace(pool, modelId, [0.31, 0.2, 0.1], next)).toMatchObject({ rows: 3, deleted: 5 });
  const { rows: sets } = await pool.query('SELECT cut_off, computed_at, rows FROM prediction_sets');
  expect(sets).toEqual([{ cut_off: next.at, computed_at: next.at, rows: 3 }]);
  expect((await pool.query('SELECT run_id FROM prediction_drafts')).rowCount).toBe(0);
});

it('writes a row that says the same again before it would be stale', async () => {
  const { pool } = await useTestDatabase();
  const [modelId] = (await prepareSeries(pool, [BURGLARY])) as [string];
  const windows = 28;
  await replace(pool, modelId, [0.3], { windows });
  const day = { windows, at: later(13 * HOUR_MS) };
  // Rows of the next days would be stale in eleven hours; those of the two windows that end before are as fresh as they can be.
  const { written, deleted } = await replace(pool, modelId, [0.3], day);
  expect({ written, deleted }).toEqual({ written: 24, deleted: 2 });
});

it('changes nothing when another run or another model has taken over', async () => {
  const { pool } = await useTestDatabase();
  const [burglary, all] = (await prepareSeries(pool, [BURGLARY, ALL])) as [string, string];
  await replace(pool, burglary, [0.3]);
  const attempt = async (given: { run?: string; cutOff?: Date; modelId?: string }) => {
    const run = given.run ?? crypto.randomUUID();
    if (given.run === undefined)
      await beginRun(pool, { id: run, job: SCORE_JOB, trigger: 'schedule', requestedBy: null }, NOW);
    const speaker = { series: BURGLARY, modelId: given.modelId ?? burglary };
    const cutOff = given.cutOff ?? NOW;
    await draftPredictions(pool, run, speaker, cutOff, forecastsOf([0.9]), signal);
    await putInForce(pool, run, [speaker], cutOff, later(1));
  };
  await expect(attempt({ run: crypto.randomUUID() })).rejects.toMatchObject({ code: 'run_superseded' });
  await expect(attempt({ cutOff: later(-1) })).rejects.toMatchObject({ code: 'set_overtaken' });
  await inTransaction(pool, (tx) =>
    changeChampion(tx, { series: BURGLARY, modelId: all, cause: 'gate', by: null }, NOW),
  );
  await expect(attempt({})).rejects.toMatchObject({ code: 'champion_changed' });
  const { rows } = await pool.query('SELECT DISTINCT expected FROM predictions');
  expect(rows).toEqual([{ expected: 0.3 }]);
  const running = crypto.randomUUID();
  await beginRun(pool, { id: running, job: SCORE_JOB, trigger: 'schedule', requestedBy: null }, NOW);
  await dropDrafts(pool, running);
  expect((await pool.query('SELECT run_id FROM prediction_drafts')).rowCount).toBe(0);
});
