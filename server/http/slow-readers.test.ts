import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { cutSlowReaders } from './slow-readers.ts';

const BIG = Buffer.alloc(16 * 1024 * 1024, 'x');

/** A server that writes so much at once that a reader's system does not hold it; resolves when it lets go of one. */
async function start(stallAfterMs: number) {
  const server = createServer((_, response) => {
    response.once('close', () => ended());
    let at = 0;
    // As streams do: the next piece when the last one has gone.
    const next = () => {
      while (at < BIG.length && response.write(BIG.subarray(at, (at += 64 * 1024))));
      if (at >= BIG.length) response.end();
      else response.once('drain', next);
    };
    next();
  });
  let ended!: () => void;
  const end = new Promise<void>((resolve) => (ended = resolve));
  cutSlowReaders(server, stallAfterMs, 20);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  onTestFinished(() => server.closeAllConnections());
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  return { socket, end };
}

/** Takes so many bytes every few milliseconds, until all is there or the connection has ended. */
function take(socket: Socket, bytes: number): { taken: () => number; whole: Promise<boolean> } {
  let taken = 0;
  const whole = new Promise<boolean>((resolve) => {
    socket.pause();
    const timer = setInterval(() => {
      const some = socket.read(Math.min(bytes, Math.max(1, socket.readableLength))) as Buffer | null;
      taken += some?.length ?? 0;
      if (taken >= BIG.length) finish(true);
    }, 5);
    const finish = (all: boolean) => {
      clearInterval(timer);
      resolve(all);
    };
    socket.once('close', () => finish(false));
  });
  socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
  return { taken: () => taken, whole };
}

it('invariant 6: cuts a reader who takes a byte now and then, as one who takes none', async () => {
  for (const bytes of [1, 0]) {
    const { socket, end } = await start(300);
    const { taken } = take(socket, bytes);
    await end;
    expect(taken()).toBeLessThan(BIG.length);
  }
});

// Reader and server are one process here: one that the machine lets rest for 2 s is cut.
it('lets a reader have his time who is slow and goes on', { retry: 2 }, async () => {
  const { socket } = await start(2_000);
  // Slower than the limit for the whole, and never so for a piece.
  expect(await take(socket, 24 * 1024).whole).toBe(true);
});
