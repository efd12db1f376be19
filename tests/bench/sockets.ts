import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { RealtimeClientMessage } from '@halo/shapes/protocol/realtime.ts';
import { pause } from './live.ts';
import { summarise } from './measure.ts';
import type { Figure, ReadBench } from './read-bench.ts';

const SOCKETS = 5_000;
const RUNS = 10;
const SETTLE_MS = 3_000;
/** Sockets that are opened at once. */
const WIDTH = 100;

/** An open socket of the protocol, by hand: a library's client would cost more than what is measured. */
class BenchSocket {
  readonly #socket: Socket;
  #waiting: { readonly text: string; readonly resolve: () => void } | undefined;
  #seen = '';

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#socket = connect({ host: hostname, port: Number(port) });
    this.#socket.write(
      `GET /ws HTTP/1.1\r\nhost: ${hostname}:${port}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n` +
        'sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\nauthorization: Bearer bench\r\n\r\n',
    );
    this.#socket.on('data', (piece: Buffer) => this.#take(piece.toString('latin1')));
  }

  /** Resolves when a text has come that was not waited for before. */
  until(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = { text, resolve };
      this.#take('');
    });
  }

  /** Sends a message: one frame, masked with zeros. */
  send(message: RealtimeClientMessage): void {
    const payload = Buffer.from(JSON.stringify(message));
    const head = Buffer.from([0x81, 0x80 | 126, payload.length >> 8, payload.length & 0xff, 0, 0, 0, 0]);
    this.#socket.write(Buffer.concat([head, payload]));
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(piece: string): void {
    this.#seen += piece;
    const waiting = this.#waiting;
    if (waiting === undefined || !this.#seen.includes(waiting.text)) return;
    this.#seen = '';
    this.#waiting = undefined;
    waiting.resolve();
  }
}

/** One write to 5,000 sockets that follow its county, among as many subscriptions to circles elsewhere. */
export async function sockets({ pool, server }: ReadBench): Promise<Figure[]> {
  await pool.query(`INSERT INTO areas (code, kind, name, lat, lon) VALUES ('01', 'county', 'One', 59, 18)`);
  await pause(SETTLE_MS);
  const before = server.memory();
  const all: BenchSocket[] = [];
  const startedAt = performance.now();
  while (all.length < SOCKETS) {
    const next = Array.from({ length: WIDTH }, () => new BenchSocket(server.url));
    await Promise.all(next.map((socket) => socket.until('"ready"')));
    for (const [i, socket] of next.entries()) {
      const circle = { lat: 56 + ((all.length + i) % 100) / 50, lon: 13, radiusM: 5_000 };
      socket.send({
        type: 'subscribe',
        subscriptions: [
          { id: 'area', area: '01' },
          { id: 'near', circle },
        ],
      });
    }
    await Promise.all(next.map((socket) => socket.until('"subscribed"')));
    all.push(...next);
  }
  const opening = (performance.now() - startedAt) / 1_000;
  await pause(SETTLE_MS);
  const idle = server.memory();
  const last: number[] = [];
  const inserts: number[] = [];
  for (let run = 0; run <= RUNS; run += 1) {
    const heard = Promise.all(all.map((socket) => socket.until('"change"')));
    const writtenAt = performance.now();
    const insert = pool
      .query(
        `INSERT INTO incidents (id, type, severity, confidence, occurred_at, lat, lon, location_precision, region,
                                report_count, reporter_count)
         VALUES (gen_random_uuid(), 'fire', 3, 0.5, now(), 59.3, 18.1, 'point', '01', 1, 1)`,
      )
      .then(() => performance.now() - writtenAt);
    await heard;
    const wholeMs = performance.now() - writtenAt;
    const insertMs = await insert;
    await pause(200);
    // The first run warms the paths up.
    if (run === 0) continue;
    last.push(wholeMs);
    inserts.push(insertMs);
  }
  const after = server.memory();
  for (const socket of all) socket.close();
  const floor = { what: 'the INSERT', value: summarise(inserts).p50 };
  return [
    { name: `one write to ${SOCKETS} sockets, last one, p50`, value: summarise(last).p50, unit: 'ms', floor },
    { name: 'the same, slowest of ten', value: Math.max(...last), unit: 'ms', floor },
    { name: `${SOCKETS} sockets opened and subscribed`, value: opening, unit: 's' },
    { name: 'one idle socket with two subscriptions', value: (idle - before) / SOCKETS / 1024, unit: 'KiB' },
    { name: 'the same after eleven changes', value: (after - before) / SOCKETS / 1024, unit: 'KiB' },
  ];
}
