import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPool } from '../../server/db/pool.ts';
import type { Pool } from '../../server/db/pool.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { randomShapes } from './definitions.ts';
import { Follower } from './follower.ts';
import { KILL_POINTS } from './kill-points.ts';
import { createDice } from './random.ts';
import type { Dice } from './random.ts';
import { OracleServer } from './server-process.ts';
import { createTablesSql } from './tables.ts';
import { differenceOf } from './truth.ts';
import { Writers } from './writers.ts';

const SHAPES = 200;
const KILL_EVERY_BATCHES = 2;
const ACTS = 220;
/** Readers that begin anew within a batch. */
const NEWBORN = 12;
/** Times that the connection of replication is dropped within a batch. */
const DROPS = 0.3;
/** Share of the restarts that are in order. */
const IN_ORDER = 0.1;
/** Share of the readings for which a reader goes over to the other instance. */
const MOVES = 0.05;
/** Readings begun after each act. */
const GLANCES = 0.8;
const CONNECTIONS = 8;

export interface OracleOptions {
  /** A migrated database of its own. */
  readonly databaseUrl: string;
  readonly seed: number;
  readonly minutes: number;
  /** Told after each batch. */
  readonly say: (line: string) => void;
}

/** What a run has done. */
export interface OracleReport {
  readonly batches: number;
  readonly killed: Readonly<Record<string, number>>;
  readonly tornBytes: number;
  readonly truncations: number;
  /**
   * Readers that had to begin anew for a truncated table, for a restart where their shape has subqueries, and for a log
   * that no longer reached back.
   */
  readonly refetches: { readonly truncated: number; readonly restarted: number; readonly trimmed: number };
}

/**
 * Random transactions against a server that is killed again and again, and after each batch every shape beside its
 * own query (invariant 5). Nobody may be told to fetch anew but for a truncated table: neither a kill nor a torn
 * log nor a dropped connection is a reason, but for shapes with subqueries a kill. Rejects with seed, batch, shape and difference.
 */
export async function runOracle(options: OracleOptions): Promise<OracleReport> {
  const dir = mkdtempSync(join(tmpdir(), 'halo-oracle-'));
  const pool = createPool(options.databaseUrl, CONNECTIONS, createLogger('silent'));
  const run = new OracleRun(options, pool, dir);
  try {
    return await run.run();
  } finally {
    await run.close();
    await pool.end();
    rmSync(dir, { recursive: true, force: true });
  }
}

class OracleRun {
  readonly #options: OracleOptions;
  readonly #pool: Pool;
  readonly #dice: Dice;
  /** Apart, since a restart falls between other choices wherever the machine has it fall. */
  readonly #crashDice: Dice;
  readonly #server: OracleServer;
  /** Another instance on the same database, which is never killed. */
  readonly #second: OracleServer;
  #writers: Writers | undefined;
  #followers: Follower[] = [];
  #batch = 0;
  #truncations = 0;
  /** Since the last batch ended: each costs the shapes with subqueries a refetch, and no others. */
  #restarts = 0;
  readonly #refetches = { truncated: 0, restarted: 0, trimmed: 0 };
  /** Where the later of the two logs began when the last batch ended. */
  #logStart = 0n;
  /** A large transaction is to be written in this batch, for the server to die in. */
  #wantsBulk = false;
  /** The first fault of a reading. */
  #fault: Error | undefined;

  constructor(options: OracleOptions, pool: Pool, dir: string) {
    const { databaseUrl, seed } = options;
    this.#options = options;
    this.#pool = pool;
    this.#dice = createDice(seed + 1);
    this.#crashDice = createDice(seed + 2);
    const common = { databaseUrl, pool, seed, shapes: SHAPES };
    this.#server = new OracleServer({ ...common, dir: join(dir, 'first'), slot: 'halo_oracle' });
    this.#second = new OracleServer({ ...common, dir: join(dir, 'second'), slot: 'halo_oracle_2' });
  }

  async run(): Promise<OracleReport> {
    const { databaseUrl, seed, minutes } = this.#options;
    await this.#pool.query(createTablesSql());
    await Promise.all([this.#server.start(), this.#second.start()]);
    this.#writers = await Writers.open(databaseUrl, this.#dice);
    this.#followers = randomShapes(seed, SHAPES).map((shape) => new Follower(shape, this.#anyUrl()));
    const deadline = performance.now() + minutes * 60_000;
    do {
      this.#batch += 1;
      const startedAt = performance.now();
      try {
        await this.#runBatch();
      } catch (error) {
        const head = `seed ${seed}, batch ${this.#batch}: ${String(error)}`;
        const said = [this.#server.output(), this.#second.output()].join('\n');
        throw new Error(`${head}\n${said}`, { cause: error });
      }
      const rows = this.#followers.reduce((sum, { reader }) => sum + reader.rows.size, 0);
      this.#options.say(
        `batch ${this.#batch}: ${Math.round(performance.now() - startedAt)} ms, ${rows} rows, log from ${this.#logStart}`,
      );
    } while (performance.now() < deadline);
    return {
      batches: this.#batch,
      killed: Object.fromEntries(this.#server.killed),
      tornBytes: this.#server.tornBytes,
      truncations: this.#truncations,
      refetches: this.#refetches,
    };
  }

  async close(): Promise<void> {
    await this.#writers?.close();
    await Promise.all([this.#server.stop(), this.#second.stop()]);
  }

  #anyUrl(): string {
    return this.#dice.chance(0.5) ? this.#server.url : this.#second.url;
  }

  async #runBatch(): Promise<void> {
    const end = new AbortController();
    const isToDie = this.#batch % KILL_EVERY_BATCHES === 0;
    const restarted = isToDie ? this.#killAndRestart(end.signal) : Promise.resolve();
    const readings = new Set<Promise<void>>();
    for (let act = 0; act < ACTS; act += 1) {
      if (this.#wantsBulk && act === ACTS / 4) await this.#writers!.bulk();
      await this.#writers!.act();
      if (this.#dice.chance(NEWBORN / ACTS)) this.#bear();
      if (this.#dice.chance(GLANCES)) this.#glance(readings, end.signal);
      if (this.#dice.chance(DROPS / ACTS)) await this.#server.dropReplication();
      if (this.#fault !== undefined) break;
    }
    this.#wantsBulk = false;
    const truncated = await this.#writers!.finishBatch();
    end.abort();
    await Promise.all([...readings, restarted]);
    if (this.#fault !== undefined) throw this.#fault;
    if (this.#server.lostItsLog) throw new Error('the change log was begun anew');
    await this.#expectTruth();
    const torn = await this.#server.torn();
    if (torn !== undefined) throw new Error(`a torn tail was left in the log: ${torn}`);
    const starts = [this.#server.logStart(), this.#second.logStart()];
    this.#countRefetches(truncated, starts[0]! > starts[1]! ? starts[0]! : starts[1]!);
  }

  /** Arms a point, and starts the server again as soon as it is dead, at the latest when the batch has ended. */
  async #killAndRestart(batchEnds: AbortSignal): Promise<void> {
    this.#restarts += 1;
    if (this.#crashDice.chance(IN_ORDER)) {
      await this.#server.stop();
      return this.#server.start();
    }
    const kill = this.#batch / KILL_EVERY_BATCHES;
    // Every other time within a transaction of which a part is on disk already: that is rare otherwise.
    this.#wantsBulk = kill % 2 === 1;
    if (this.#wantsBulk) this.#server.arm('within a large transaction', 1);
    else {
      const point = KILL_POINTS[(this.#options.seed + kill / 2) % KILL_POINTS.length]!;
      this.#server.arm(point, 1 + this.#crashDice.below(3));
    }
    const over = new Promise<void>((resolve) => batchEnds.addEventListener('abort', () => resolve()));
    await Promise.race([this.#server.ended(), over]);
    await this.#server.kill();
    await this.#server.restart(this.#crashDice);
  }

  /** A reader that begins anew, while transactions are open. */
  #bear(): void {
    const at = this.#dice.below(this.#followers.length);
    const former = this.#followers[at]!;
    this.#followers[at] = new Follower(former.shape, this.#anyUrl());
  }

  #glance(readings: Set<Promise<void>>, signal: AbortSignal): void {
    const follower = this.#dice.pick(this.#followers);
    if (this.#dice.chance(MOVES)) follower.moveTo(this.#anyUrl());
    const reading = follower.glance(this.#dice.chance(0.3), signal).catch((error: unknown) => {
      const { name } = follower.shape.definition;
      this.#fault ??= new Error(`${name} (${follower.shape.sql}): ${String(error)}`, { cause: error });
    });
    readings.add(reading);
    void reading.finally(() => readings.delete(reading));
  }

  async #expectTruth(): Promise<void> {
    const { rows } = await this.#pool.query<{ lsn: string }>(
      `SELECT (pg_logical_emit_message(true, 'halo.barrier', '') - '0/0')::text AS lsn`,
    );
    const lsn = BigInt(rows[0]!.lsn);
    const differences: string[] = [];
    await each(this.#followers, CONNECTIONS, async (follower) => {
      await follower.reach(lsn).catch((error: unknown) => {
        throw new Error(`${follower.shape.definition.name} (${follower.shape.sql}): ${String(error)}`);
      });
      const difference = await differenceOf(this.#pool, follower);
      if (difference !== undefined) differences.push(difference);
    });
    if (differences.length > 0) {
      throw new Error(
        `${differences.length} shapes differ from their query:\n  ${differences.slice(0, 3).join('\n  ')}`,
      );
    }
  }

  /**
   * Only whoever followed a table that was emptied may have been told to begin anew, once for each time; whoever
   * stood, when the batch began, where the log does not reach back to any more; and of a shape with subqueries, whose
   * log is the instance's own, once for each restart.
   */
  #countRefetches(truncated: ReadonlyMap<string, number>, logStart: bigint): void {
    for (const count of truncated.values()) this.#truncations += count;
    for (const follower of this.#followers) {
      const { definition, sql, inner } = follower.shape;
      const { refetches, from } = follower.endBatch();
      const tables = new Set([definition.table, ...inner]);
      const emptied = [...tables].reduce((sum, table) => sum + (truncated.get(table) ?? 0), 0);
      const restarted = inner.length > 0 ? this.#restarts : 0;
      this.#refetches.truncated += Math.min(refetches, emptied);
      this.#refetches.restarted += Math.min(Math.max(0, refetches - emptied), restarted);
      this.#refetches.trimmed += Math.max(0, refetches - emptied - restarted);
      const trimmed = from < logStart ? 1 : 0;
      if (refetches <= emptied + restarted + trimmed) continue;
      const most = `${emptied} for a truncated table, ${restarted} for restarts, ${trimmed} for a trimmed log`;
      throw new Error(
        `${definition.name} (${sql}) was told ${refetches} times to fetch anew; at most ${most}`,
      );
    }
    this.#logStart = logStart;
    this.#restarts = 0;
  }
}

/** Works through `items`, `width` at a time. */
async function each<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) await work(next);
  };
  await Promise.all(Array.from({ length: width }, worker));
}
