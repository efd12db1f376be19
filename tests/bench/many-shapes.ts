import { to as copyTo } from 'pg-copy-streams';
import type { Figure, ReadBench } from './read-bench.ts';
import { ReceiveOnly } from './receive-only.ts';
import { insertSql } from './read-bench.ts';
import { catchUpAll, Client } from './shape-clients.ts';
import { seconds } from './snapshot.ts';

const ROWS_A_TRANSACTION = 100;
const WIDTH = 32;
const COPYING = 4;

/**
 * So many shapes of one form, and what goes through to them per second: the server is halted while the changes are
 * written, and timed from its going on until a client has the last one.
 */
export function manyShapes(name: 'region' | 'above', shapes: number, changes: number, goal: string) {
  return async (bench: ReadBench): Promise<Figure[]> => {
    const { pool, server } = bench;
    const values = Array.from({ length: shapes }, (_, i) => (name === 'region' ? `r${i}` : String(i % 1000)));
    const clients = values.map((value) => new Client(server.url, name, value));
    // The first request after a start also learns what the table is.
    await new Client(server.url, 'all').catchUp();
    const creation = await seconds(() => catchUpAll(clients, WIDTH));
    const queries = await seconds(() => copyEach(bench, values.length));
    const receiving = new ReceiveOnly(pool, bench.databaseUrl);
    await receiving.begin();
    server.signal('SIGSTOP');
    await write(bench, changes, shapes);
    // A change of its own, later than all others, for a client whose waiting it ends.
    const { rows } = await pool.query<{ lsn: string }>(
      `SELECT (pg_current_wal_insert_lsn() - '0/0')::text AS lsn`,
    );
    await pool.query(
      `INSERT INTO readings (id, region, n, title, at) VALUES (0, 'r0', 1, 'the last', now())`,
    );
    const last = clients[0]!;
    const through = await seconds(async () => {
      server.signal('SIGCONT');
      await last.reach(BigInt(rows[0]!.lsn));
    });
    const decoded = await receiving.library(changes);
    const received = await receiving.tool();
    return [
      {
        name: `${shapes} shapes ${name}, created`,
        value: shapes / creation,
        unit: 'shapes/s',
        floor: { what: 'one COPY for each', value: shapes / queries },
        goal: '≥ 1000',
      },
      {
        name: `${shapes} shapes ${name}, through`,
        value: changes / through,
        unit: 'changes/s',
        floor: { what: 'decoded only', value: changes / decoded },
        goal,
      },
      ...(received === undefined
        ? []
        : [{ name: 'pg_recvlogical to nowhere', value: changes / received, unit: 'changes/s' }]),
    ];
  };
}

/** So many queries as there are shapes, on as many connections as snapshots are read with. */
async function copyEach({ pool }: ReadBench, count: number): Promise<void> {
  let left = count;
  const worker = async () => {
    const client = await pool.connect();
    for (; left > 0; left -= 1) {
      const sql = `COPY (SELECT id, region, n, title, at FROM readings WHERE region = 'r${left}') TO STDOUT`;
      for await (const piece of client.query(copyTo(sql))) void piece;
    }
    client.release();
  };
  await Promise.all(Array.from({ length: COPYING }, worker));
}

async function write({ pool }: ReadBench, changes: number, regions: number): Promise<void> {
  const insert = insertSql(1, ROWS_A_TRANSACTION, regions).replace(
    /generate_series\(.*\)/,
    `generate_series(at, at + ${ROWS_A_TRANSACTION - 1})`,
  );
  await pool.query(`DO $$ BEGIN
    FOR at IN 1..${changes} BY ${ROWS_A_TRANSACTION} LOOP ${insert}; COMMIT; END LOOP;
  END $$`);
}
