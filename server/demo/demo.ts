import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { FirstOperator } from '../auth/first-operator.ts';
import type { Config } from '../config/config.ts';
import type { Logger } from '../platform/logger.ts';
import { seededRandom } from '../platform/seeded-random.ts';
import { sleep } from '../platform/sleep.ts';
import { bringPast } from './bring-past.ts';
import { writeCityPast } from './city-past.ts';
import { createCity } from './city.ts';
import type { City, Scene } from './city.ts';
import { forecastsHeld, tellForecasts } from './forecasts.ts';
import { createNarrator } from './narrator.ts';
import type { Narrator } from './narrator.ts';
import { settleResident } from './residents.ts';
import type { Resident } from './residents.ts';
import { retrain } from './retraining.ts';

/** After the story the city lives on quietly: one report in this many milliseconds. */
const QUIET_PACE_MS = 8_000;
const ARRIVAL_DEADLINE_MS = 20_000;
/** Thousands of rows, beside all else that goes on. */
const FORECASTS_DEADLINE_MS = 60_000;

/** What the demo is played against. */
export interface DemoParts {
  readonly url: string;
  readonly config: Config;
  readonly logger: Logger;
  /** Undefined where the first operator's password was shown at an earlier start. */
  readonly operator: FirstOperator | undefined;
}

interface Stage extends DemoParts {
  readonly city: City;
  readonly tell: Narrator;
  readonly residents: readonly [Resident, Resident, Resident];
}

/**
 * Plays the demo against a running server: three devices, each behind a mast that can fail, report what happens in a simulated
 * city, through the public API alone; then the city's past is imported, and the server learns from it while they go on. Runs
 * until `signal` aborts.
 */
export async function runDemo(parts: DemoParts, signal: AbortSignal): Promise<void> {
  const { url, config } = parts;
  const dir = join(config.dataDir, 'demo');
  rmSync(dir, { recursive: true, force: true });
  // Another city each time: the same events at the same spots would be more reports of those that the demo before has told of.
  const random = seededRandom(Date.now() % 2 ** 31);
  const city = createCity(random);
  const tell = createNarrator(process.stdout, () => performance.now());
  tell.chapter('A simulated city. Three devices open, each with its own outbox and its own Postgres.');
  const settle = (name: string) => settleResident(name, url, dir, city.region);
  const residents = [await settle('A'), await settle('B'), await settle('C')] as const;
  try {
    await Promise.all(residents.map((resident) => resident.halo.whenLive()));
    for (const { name } of residents) tell.say(name, 'live: its replica follows the incidents of the county');
    const stage: Stage = { ...parts, city, tell, residents };
    await offlineReports(stage);
    await lostAnswer(stage);
    await reckoning(stage);
    tell.chapter(
      `The city lives on. Open ${url} and watch; Ctrl-C ends it. Meanwhile the server learns its past.`,
    );
    await both(
      signal,
      (ends) => quietLife(stage, random, ends),
      (ends) => learnPast(stage, ends),
    );
  } finally {
    await Promise.all(residents.map((resident) => resident.close()));
  }
}

/** Waits for both; where one fails the other ends. */
async function both(
  signal: AbortSignal,
  ...works: readonly ((ends: AbortSignal) => Promise<void>)[]
): Promise<void> {
  const failed = new AbortController();
  const ends = AbortSignal.any([signal, failed.signal]);
  const settled = await Promise.allSettled(
    works.map((work) =>
      work(ends).catch((error: unknown) => {
        failed.abort();
        throw error;
      }),
    ),
  );
  const first = settled.find(({ status }) => status === 'rejected');
  if (first?.status === 'rejected') throw first.reason;
}

async function learnPast({ url, config, logger, operator, tell, residents }: Stage, signal: AbortSignal) {
  const past = writeCityPast(config.dataDir, new Date());
  const imported = await bringPast(past, config, logger, signal);
  tell.say(
    'import',
    imported === undefined
      ? 'the database has a history of its own, and the city gets none'
      : `${past.days} days of the city, from a register as npm run import takes it: ${imported}`,
  );
  if (signal.aborted) return;
  if (operator === undefined) {
    const told = `has shown the password at an earlier start; the next retraining is that of the schedule (${config.retrainSchedule})`;
    tell.say('operator', told);
  }
  const modelId = operator && (await retrain(url, operator, tell, signal));
  const [, , c] = residents;
  const held = async () => signal.aborted || (await forecastsHeld(c, modelId)).rows > 0;
  if (modelId !== undefined) await until(held, FORECASTS_DEADLINE_MS);
  if (!signal.aborted) await tellForecasts(c, past, tell);
}

async function offlineReports({ city, tell, residents: [a, b, c] }: Stage): Promise<void> {
  tell.chapter('Device A loses its network and goes on reporting.');
  a.mast.down();
  const scenes = [city.nextScene(), city.nextScene(), city.nextScene()];
  for (const scene of scenes) {
    const { seq } = await a.halo.report(city.report(scene, new Date()));
    tell.say('A', `queued   no. ${seq}: ${scene.description.toLowerCase()} (safe on the device, no network)`);
  }
  tell.chapter('Device B, with a network, sees the first of these events too.');
  await reportAndWatch(tell, b, [c], city, scenes[0]!);

  tell.chapter('Device A finds its network again.');
  a.mast.up();
  const startedAt = performance.now();
  await a.halo.whenSettled();
  tell.say(
    'A',
    `delivered ${scenes.length} reports, ${elapsed(startedAt)} after the signal came back; the outbox is empty`,
  );
  const shared = await incidentOfLatest(b);
  await until(async () => (await incident(c, shared))?.report_count === 2);
  const row = (await incident(c, shared))!;
  tell.say(
    'server',
    `clustered A's and B's reports of the same event: ${row.report_count} reports, ${row.verification}`,
  );
  tell.say(
    'C',
    `streamed: sees that incident as ${row.verification}, confidence ${row.confidence.toFixed(2)}`,
  );
}

async function lostAnswer({ city, tell, residents: [, b, c] }: Stage): Promise<void> {
  tell.chapter('Device B reports, the server stores it, and the answer is lost on its way back.');
  const scene = city.nextScene();
  b.mast.loseNextAnswer();
  const { id, seq } = await b.halo.report(city.report(scene, new Date()));
  tell.say('B', `queued   no. ${seq}: ${scene.description.toLowerCase()}`);
  await b.halo.whenSettled();
  await until(async () => (await reportRow(b, id)) !== undefined);
  tell.say('B', 'sent it again; the ledger knew it and gave the same answer: one effect');
  const { incident_id: incidentId } = (await reportRow(b, id))!;
  await until(async () => (await incident(c, incidentId)) !== undefined);
  tell.say('C', `streamed: one incident with ${(await incident(c, incidentId))!.report_count} report`);
}

async function reckoning({ tell, residents }: Stage): Promise<void> {
  tell.chapter('Reckoning.');
  let reports = 0;
  for (const { halo } of residents) {
    const [row] = await halo.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM my_reports WHERE sync_state = 'synced'`,
    );
    reports += row?.n ?? 0;
  }
  tell.say('devices', `${reports} reports stored by the server, each exactly once`);
  const digest = ({ halo }: Resident) =>
    halo.query<{ n: number; digest: string | null }>(
      `SELECT count(*)::int AS n, md5(string_agg(id::text || report_count || verification, ',' ORDER BY id)) AS digest
         FROM incidents`,
    );
  await until(
    async () => new Set((await Promise.all(residents.map(digest))).map((rows) => rows[0]?.digest)).size === 1,
  );
  const [first] = await digest(residents[0]);
  tell.say(
    'replicas',
    `all three hold the same ${first?.n ?? 0} incidents (digest ${first?.digest?.slice(0, 8) ?? 'none'})`,
  );
}

async function quietLife(
  { city, tell, residents }: Stage,
  random: () => number,
  signal: AbortSignal,
): Promise<void> {
  const seen: Scene[] = [];
  while (!signal.aborted) {
    await sleep(QUIET_PACE_MS, signal);
    if (signal.aborted) return;
    const again = seen.length > 0 && random() < 0.4 ? seen[Math.floor(random() * seen.length)] : undefined;
    const scene = again ?? city.nextScene();
    if (again === undefined) seen.push(scene);
    if (seen.length > 10) seen.shift();
    const reporter = residents[Math.floor(random() * residents.length)]!;
    await reportAndWatch(
      tell,
      reporter,
      residents.filter((resident) => resident !== reporter),
      city,
      scene,
    );
  }
}

async function reportAndWatch(
  tell: Narrator,
  reporter: Resident,
  others: readonly Resident[],
  city: City,
  scene: Scene,
): Promise<void> {
  const { id, seq } = await reporter.halo.report(city.report(scene, new Date()));
  const startedAt = performance.now();
  tell.say(reporter.name, `queued   no. ${seq}: ${scene.description.toLowerCase()}`);
  await until(async () => (await reportRow(reporter, id))?.incident_id != null);
  tell.say(reporter.name, `delivered and back in its own replica after ${elapsed(startedAt)}`);
  const { incident_id: incidentId } = (await reportRow(reporter, id))!;
  for (const other of others) {
    await until(async () => (await incident(other, incidentId)) !== undefined);
    tell.say(other.name, `streamed: the incident is in its replica after ${elapsed(startedAt)}`);
  }
}

interface IncidentRow extends Record<string, unknown> {
  readonly report_count: number;
  readonly verification: string;
  readonly confidence: number;
}
interface ReportRow extends Record<string, unknown> {
  readonly incident_id: string | null;
}

async function incident({ halo }: Resident, id: string | null): Promise<IncidentRow | undefined> {
  const sql = 'SELECT report_count, verification, confidence FROM incidents WHERE id = $1';
  return (await halo.query<IncidentRow>(sql, [id]))[0];
}

async function reportRow({ halo }: Resident, id: string): Promise<ReportRow | undefined> {
  const sql = `SELECT incident_id FROM my_reports WHERE id = $1 AND sync_state = 'synced'`;
  return (await halo.query<ReportRow>(sql, [id]))[0];
}

async function incidentOfLatest({ halo }: Resident): Promise<string | null> {
  const sql = 'SELECT incident_id FROM my_reports ORDER BY received_at DESC LIMIT 1';
  return (await halo.query<ReportRow>(sql))[0]?.incident_id ?? null;
}

async function until(condition: () => Promise<boolean>, withinMs = ARRIVAL_DEADLINE_MS): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline)
      throw new Error(`what the demo waits for did not happen within ${withinMs / 1000} s`);
    await sleep(10);
  }
}

function elapsed(since: number): string {
  return `${Math.round(performance.now() - since)} ms`;
}
