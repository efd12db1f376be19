import { pause } from './live.ts';
import { insertSql } from './read-bench.ts';
import type { Figure, ReadBench, ReadServer } from './read-bench.ts';
import { Client } from './shape-clients.ts';
import { seconds } from './snapshot.ts';

const ROWS = 1_000_000;
const REGIONS = 10;
const SAMPLE_EVERY_MS = 20;
const SETTLE_MS = 3_000;
const MIB = 1024 * 1024;

/** One transaction of a million rows, inserted and then deleted, to a client that follows them all. */
export async function hugeTransaction({ pool, server }: ReadBench): Promise<Figure[]> {
  const client = new Client(server.url, 'all');
  await client.catchUp();
  await pause(SETTLE_MS);
  const before = server.memory();
  const figures: Figure[] = [{ name: 'the server before', value: before / MIB, unit: 'MiB' }];
  for (const [what, sql] of [
    ['inserted', insertSql(1, ROWS, REGIONS)],
    ['deleted', 'DELETE FROM readings'],
  ] as const) {
    const memory = watchMemory(server);
    const inPostgres = await seconds(() => pool.query(sql));
    const { rows } = await pool.query<{ lsn: string }>(
      `SELECT (pg_logical_emit_message(true, 'halo.barrier', '') - '0/0')::text AS lsn`,
    );
    // Nothing is up to date within the transaction: the client has all of it or none.
    const rest = await seconds(() => client.reach(BigInt(rows[0]!.lsn)));
    const name = `${ROWS} rows ${what} in one transaction`;
    const floor = { what: 'the statement alone', value: ROWS / inPostgres };
    figures.push({ name, value: ROWS / (inPostgres + rest), unit: 'rows/s', floor });
    figures.push({ name: `${name}, at most`, value: memory.stop() / MIB, unit: 'MiB', goal: '≤ 512' });
  }
  if (client.refetches > 0) throw new Error('the client was told to fetch anew');
  return figures;
}

/** The largest size of the server's process from now on. */
function watchMemory(server: ReadServer): { stop(): number } {
  let most = server.memory();
  const timer = setInterval(() => (most = Math.max(most, server.memory())), SAMPLE_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      return most;
    },
  };
}
