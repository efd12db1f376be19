import { createInterface } from 'node:readline';
import { createPool } from '../../server/db/pool.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { startShapeServer } from '../support/shape-server.ts';
import { catalogOf, randomShapes } from './definitions.ts';
import { KILL_POINTS, killAroundTrimming, KillSwitch, withKillPoints } from './kill-points.ts';

/**
 * The server under the oracle: the read path in a process of its own, serving the random shapes of a seed. It
 * says where it is, dies where it is told to (`kill <number of the point> <passages>` on its standard input), and
 * stops in order when that input ends.
 */
const [databaseUrl, dir, slotName, seed, count, port] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
/** Small, so that segments are begun and trimmed all the time. */
const SEGMENT_BYTES = 64 * 1024;
const LOG_BYTES = 2 * 1024 * 1024;
/** Small, so that a transaction of more than one piece is on disk before it is committed. */
const SPILL_BYTES = 16 * 1024;
const CONNECTIONS = 10;

const at = new KillSwitch();
killAroundTrimming(at);
const pool = createPool(databaseUrl, CONNECTIONS, createLogger('silent'));
const database = { name: 'oracle', url: databaseUrl, pool, drop: () => pool.end() };
const server = await startShapeServer(database, {
  dir,
  slotName,
  port: Number(port),
  catalog: catalogOf(randomShapes(Number(seed), Number(count))),
  segmentBytes: SEGMENT_BYTES,
  spillBytes: SPILL_BYTES,
  logBytes: LOG_BYTES,
  wrapLog: (log) => withKillPoints(log, at),
});
process.stdout.write(`ready ${server.url}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const [, point, passages] = /^kill (\d+) (\d+)$/.exec(line) ?? [];
  if (point !== undefined) at.arm(KILL_POINTS[Number(point)]!, Number(passages));
}
await server.stop();
await pool.end();
