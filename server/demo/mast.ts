import { createServer, connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** The radio mast of one device: a TCP relay to the server that can lose its signal. */
export interface Mast {
  /** What the device takes for the server's origin. */
  readonly url: string;
  /** Cuts every connection and refuses new ones. */
  down(): void;
  up(): void;
  /** Passes requests on and drops the answers: the next answer is lost with its connection. */
  loseNextAnswer(): void;
  close(): Promise<void>;
}

/** Raises a mast in front of the server at `target` (an origin). */
export async function raiseMast(target: string): Promise<Mast> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let isDown = false;
  let losing = false;

  const cut = () => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  const relay = createServer((device) => {
    if (isDown) return void device.destroy();
    const server = connect(Number(port), hostname);
    for (const socket of [device, server]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        device.destroy();
        server.destroy();
      });
    }
    let posted = false;
    device.on('data', (bytes) => {
      posted = bytes.subarray(0, 5).toString('latin1') === 'POST ' || posted;
      if (!server.write(bytes)) device.pause();
    });
    server.on('drain', () => device.resume());
    server.on('data', (bytes) => {
      if (losing && posted) {
        losing = false;
        return void device.destroy();
      }
      if (!device.write(bytes)) server.pause();
    });
    device.on('drain', () => server.resume());
  });
  await new Promise<void>((resolve, reject) => {
    relay.once('error', reject);
    relay.listen(0, '127.0.0.1', resolve);
  });

  return {
    url: `http://127.0.0.1:${(relay.address() as AddressInfo).port}`,
    down() {
      isDown = true;
      cut();
    },
    up() {
      isDown = false;
    },
    loseNextAnswer() {
      losing = true;
    },
    close() {
      cut();
      return new Promise((resolve) => relay.close(() => resolve()));
    },
  };
}
