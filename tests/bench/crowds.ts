import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { pause } from './live.ts';
import { insertSql } from './read-bench.ts';
import type { Figure, ReadBench } from './read-bench.ts';
import { catchUpAll, Client } from './shape-clients.ts';
import { seconds } from './snapshot.ts';

const RETURNING = 1_000;
const STALLED = 400;
const STALLED_ROWS = 100_000;
const IDLE = 10_000;
const WIDTH = 32;
const MIB = 1024 * 1024;
const SETTLE_MS = 3_000;
const SERVED_WITHIN_MS = 60_000;

/** The server is killed and started again; 1,000 clients come back at once. */
export async function restart({ pool, server }: ReadBench): Promise<Figure[]> {
  await pool.query(insertSql(1, 10_000, 100));
  const clients = Array.from(
    { length: RETURNING },
    (_, i) => new Client(server.url, 'region', `r${i % 100}`),
  );
  await catchUpAll(clients, WIDTH);
  await pool.query(insertSql(20_000, 1_000, 100));
  await server.kill();
  await pool.query(insertSql(30_000, 1_000, 100));
  const start = await seconds(() => server.start());
  const back = await seconds(() => Promise.all(clients.map((client) => client.catchUp())));
  const refetches = clients.reduce((sum, client) => sum + client.refetches, 0);
  return [
    {
      name: `restart, ${RETURNING} clients up to date`,
      value: start + back,
      unit: 's',
      floor: { what: 'start of the process', value: start },
      goal: '≤ 5',
    },
    { name: 'restart, refetches', value: refetches, unit: '', goal: '0' },
  ];
}

/** Readers that ask for a large snapshot and take no more of the answer than its first piece. */
export async function stalledReaders({ pool, server }: ReadBench): Promise<Figure[]> {
  await pool.query(insertSql(1, STALLED_ROWS, 10));
  const first = new Client(server.url, 'all');
  await first.catchUp();
  await pause(SETTLE_MS);
  const before = server.memory();
  const sockets = await openSockets(server.url, STALLED, () => new Client(server.url, 'all').address(false));
  let served = 0;
  for (const socket of sockets) {
    socket.once('data', (piece: Buffer) => {
      if (piece.toString('latin1').startsWith('HTTP/1.1 200')) served += 1;
      socket.pause();
    });
  }
  for (let waitedMs = 0; served < STALLED && waitedMs < SERVED_WITHIN_MS; waitedMs += SETTLE_MS) {
    await pause(SETTLE_MS);
  }
  await pause(SETTLE_MS);
  const after = server.memory();
  // Whoever was refused takes no memory, and shows nothing.
  if (served < STALLED) throw new Error(`only ${served} of ${STALLED} readers were served`);
  for (const socket of sockets) socket.destroy();
  return [{ name: `${STALLED} stalled readers`, value: (after - before) / MIB, unit: 'MiB', goal: '≤ 40' }];
}

/** Clients that wait for news of one shape, each on a connection of its own. */
export async function idleClients({ pool, server }: ReadBench): Promise<Figure[]> {
  await pool.query(insertSql(1, 100, 10));
  const first = new Client(server.url, 'all');
  await first.catchUp();
  await pause(SETTLE_MS);
  const before = server.memory();
  const sockets = await openSockets(server.url, IDLE, () => first.address(true));
  await pause(SETTLE_MS);
  const after = server.memory();
  for (const socket of sockets) socket.destroy();
  return [
    { name: `${IDLE} idle live clients`, value: (after - before) / MIB, unit: 'MiB' },
    { name: 'one idle live client', value: (after - before) / IDLE / 1024, unit: 'KiB' },
  ];
}

async function openSockets(url: string, count: number, address: () => string): Promise<Socket[]> {
  const { hostname, port } = new URL(url);
  const sockets: Socket[] = [];
  for (let n = 0; n < count; n += 1) {
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on('error', () => {});
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    const { pathname, search } = new URL(address());
    socket.write(`GET ${pathname}${search} HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`);
    sockets.push(socket);
  }
  return sockets;
}
