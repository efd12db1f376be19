import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Pool } from '../../server/db/pool.ts';
import { createPool } from '../../server/db/pool.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { startProcess } from '../support/process.ts';
import type { TestProcess } from '../support/process.ts';

/** What a case of the read path has to work with: an empty table `readings`, and servers of its own. */
export interface ReadBench {
  readonly databaseUrl: string;
  readonly pool: Pool;
  readonly server: ReadServer;
  /** Starts the bare server that a floor is measured against; it ends with the case. */
  bare(): Promise<string>;
}

/** One line of the result. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What cannot be done without, measured in the same run. */
  readonly floor?: { readonly what: string; readonly value: number };
  readonly goal?: string;
}

const SLOT = 'halo_bench';
const CONNECTIONS = 10;
/** Where the server writes a CPU profile of its life, if anywhere. */
const PROFILES = process.env.HALO_BENCH_PROFILES;
const PROFILING = PROFILES === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${PROFILES}`];
const MEMORY = /^VmRSS:\s+(\d+) kB$/m;

/** The server under measurement, in a process of its own. */
export class ReadServer {
  readonly #databaseUrl: string;
  readonly #dir: string;
  #process: TestProcess | undefined;
  url = '';

  constructor(databaseUrl: string, dir: string) {
    this.#databaseUrl = databaseUrl;
    this.#dir = dir;
  }

  async start(): Promise<void> {
    const port = this.url === '' ? '0' : new URL(this.url).port;
    const args = [this.#databaseUrl, join(this.#dir, 'log'), SLOT, port];
    const env = { TMPDIR: this.#dir };
    this.#process = startProcess('tests/bench/read-server.ts', args, env, PROFILING);
    this.url = (await this.#process.waitFor(/^ready (\S+)$/m))[1]!;
  }

  /** Resident memory of the process, in bytes; NaN where the system does not tell. */
  memory(): number {
    try {
      return Number(MEMORY.exec(readFileSync(`/proc/${this.#process!.pid}/status`, 'utf8'))?.[1]) * 1024;
    } catch {
      return NaN;
    }
  }

  /** Halts the process, so that work piles up, or lets it go on. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    process.kill(this.#process!.pid, name);
  }

  async kill(): Promise<void> {
    await this.#process?.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.#process?.closeInput();
    await this.#process?.exited;
  }
}

/** Runs one case on a table of its own. */
export async function withReadBench(
  databaseUrl: string,
  work: (bench: ReadBench) => Promise<readonly Figure[]>,
): Promise<readonly Figure[]> {
  const dir = mkdtempSync(join(tmpdir(), 'halo-bench-read-'));
  const pool = createPool(databaseUrl, CONNECTIONS, createLogger('silent'));
  const server = new ReadServer(databaseUrl, dir);
  const others: TestProcess[] = [];
  const bare = async () => {
    const started = startProcess('tests/bench/bare-server.ts', [], {});
    others.push(started);
    return (await started.waitFor(/^ready (\S+)$/m))[1]!;
  };
  try {
    await pool.query(`
      CREATE TABLE readings (id bigint PRIMARY KEY, region text NOT NULL, n int NOT NULL, title text NOT NULL, at timestamptz NOT NULL);
      ALTER TABLE readings REPLICA IDENTITY FULL;
      ALTER PUBLICATION halo ADD TABLE readings`);
    await server.start();
    return await work({ databaseUrl, pool, server, bare });
  } finally {
    await server.stop();
    for (const other of others) await other.kill('SIGKILL');
    await pool.query('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE NOT active');
    await pool.query('DROP TABLE IF EXISTS readings');
    await pool.end();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** SQL that inserts `count` rows from id `from` on, spread over so many regions. */
export function insertSql(from: number, count: number, regions: number): string {
  return `INSERT INTO readings (id, region, n, title, at)
    SELECT i, 'r' || i % ${regions}, i % 1000, 'a reading of something ' || md5(i::text), now()
      FROM generate_series(${from}, ${from + count - 1}) i`;
}
