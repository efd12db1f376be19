import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Pool } from '../../server/db/pool.ts';
import { startProcess } from '../support/process.ts';
import type { TestProcess } from '../support/process.ts';
import { KILL_POINTS } from './kill-points.ts';
import type { KillPoint } from './kill-points.ts';
import type { Dice } from './random.ts';
import { tearTail, tornSegment } from './torn-tail.ts';

export interface OracleServerOptions {
  readonly databaseUrl: string;
  readonly pool: Pool;
  /** Holds the change log and the snapshots. */
  readonly dir: string;
  readonly seed: number;
  readonly shapes: number;
  readonly slot: string;
}

/** The server process under test: started, killed and started again on the same log, slot and port. */
export class OracleServer {
  readonly #options: OracleServerOptions;
  #process: TestProcess | undefined;
  #port = 0;
  #starts = 0;
  url = '';
  /** How often each point was reached. */
  readonly killed = new Map<KillPoint, number>();
  tornBytes = 0;

  constructor(options: OracleServerOptions) {
    this.#options = options;
  }

  get #logDir(): string {
    return join(this.#options.dir, 'log');
  }

  async start(): Promise<void> {
    const { databaseUrl, dir, seed, shapes, slot } = this.#options;
    this.#starts += 1;
    const temporary = join(dir, 'tmp');
    mkdirSync(temporary, { recursive: true });
    const args = [databaseUrl, this.#logDir, slot, String(seed), String(shapes), String(this.#port)];
    this.#process = startProcess('tests/oracle/oracle-server.ts', args, { TMPDIR: temporary });
    const [, url] = await this.#process.waitFor(/^ready (\S+)$/m);
    this.url = url!;
    this.#port = Number(new URL(this.url).port);
  }

  /** What the process has said; empty while all is well. */
  output(): string {
    return this.#process?.output() ?? '';
  }

  /** Tells the server to die at the nth passage of a point from now on. */
  arm(point: KillPoint, passages: number): void {
    this.#process?.send(`kill ${KILL_POINTS.indexOf(point)} ${passages}`);
  }

  /** Resolves once the process has ended. */
  async ended(): Promise<void> {
    await this.#process!.exited;
  }

  /** Kills it where it stands, if its point has not been reached. */
  async kill(): Promise<void> {
    await this.#process!.kill('SIGKILL');
  }

  /** Does to the log of the killed server what a power cut may, and starts it again. */
  async restart(dice: Dice): Promise<void> {
    const [, point] = /^killed (.+)$/m.exec(this.output()) ?? [];
    if (point !== undefined)
      this.killed.set(point as KillPoint, (this.killed.get(point as KillPoint) ?? 0) + 1);
    if (dice.chance(0.9)) this.tornBytes += await tearTail(this.#logDir, await this.#confirmed(), dice);
    await this.start();
  }

  /** Whether this process, which found the log of a former one, has begun it anew. */
  get lostItsLog(): boolean {
    return this.#starts > 1 && /^reset$/m.test(this.output());
  }

  /** LSN that the log on disk reaches back to. */
  logStart(): bigint {
    const oldest = readdirSync(this.#logDir)
      .filter((name) => name.endsWith('.log'))
      .toSorted()[0];
    return BigInt(oldest?.replace('.log', '') ?? 0);
  }

  /** What of its log is torn though it is written no more; undefined when nothing is. */
  torn(): Promise<string | undefined> {
    return tornSegment(this.#logDir);
  }

  /** Ends it in order. */
  async stop(): Promise<void> {
    this.#process?.closeInput();
    await this.#process?.exited;
  }

  /** Drops the connection that the server reads the slot on. */
  async dropReplication(): Promise<void> {
    await this.#options.pool.query(
      'SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = $1 AND active',
      [this.#options.slot],
    );
  }

  async #confirmed(): Promise<bigint> {
    const { rows } = await this.#options.pool.query<{ lsn: string }>(
      `SELECT (confirmed_flush_lsn - '0/0')::text AS lsn FROM pg_replication_slots WHERE slot_name = $1`,
      [this.#options.slot],
    );
    return BigInt(rows[0]!.lsn);
  }
}
