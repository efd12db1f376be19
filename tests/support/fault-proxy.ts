import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** What happens to the bytes that come back from the server. */
export type Downstream = 'pass' | 'hold' | 'cut' | 'half';

/** A TCP relay in front of a server, in which a test can make the network fail. */
export interface FaultProxy {
  readonly url: string;
  /** Points the relay to another origin; connections under way stay. */
  aim(target: string): void;
  /** Refuses connections and cuts those there are. */
  down(): void;
  /** A black hole: connections open and stay, and no byte comes through either way. */
  silence(): void;
  /** Passes again what comes from now on. */
  up(): void;
  /**
   * Decides, for each exchange whose request begins with `prefix` (e.g. `POST /v1/mutations`), what becomes
   * of the answer: `hold` keeps it until `release`, `cut` drops the connection instead of it, `half` passes
   * the first half of its first packet and then drops. Undefined goes back to passing everything.
   */
  onAnswer(prefix: string, decide: (() => Downstream) | undefined): void;
  /** Lets held answers go. */
  release(): void;
  /** Request lines seen so far. */
  requests(): readonly string[];
  /** How many of them begin with `prefix`. */
  count(prefix: string): number;
  close(): Promise<void>;
}

interface Pair {
  readonly device: Socket;
  readonly server: Socket;
  /** Fate of the exchange under way; decided once a request. */
  fate: Downstream;
  held: Buffer[];
  serverClosed: boolean;
}

/** Listens on a free loopback port and relays to `target` (an origin). */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  let origin = new URL(target);
  let network: 'up' | 'silent' | 'down' = 'up';
  const rules = new Map<string, () => Downstream>();
  const requestLines: string[] = [];
  const pairs = new Set<Pair>();

  const destroy = (pair: Pair) => {
    pairs.delete(pair);
    pair.device.destroy();
    pair.server.destroy();
  };

  const listener = createServer((device) => {
    if (network === 'down') return void device.destroy();
    const server = connect(Number(origin.port), origin.hostname);
    const pair: Pair = { device, server, fate: 'pass', held: [], serverClosed: false };
    pairs.add(pair);
    for (const socket of [device, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => destroy(pair));
    }
    device.on('close', () => destroy(pair));
    server.on('close', () => {
      // What was held still waits for its release, and what was passed for its sending.
      pair.serverClosed = true;
      if (pair.fate !== 'hold' && network !== 'silent') device.end();
    });
    device.on('data', (bytes) => {
      if (network === 'silent') return;
      const head = bytes.toString('latin1', 0, 256);
      if (/^(GET|POST|PUT|DELETE|HEAD|OPTIONS) /.test(head)) {
        requestLines.push(head.slice(0, head.indexOf('\r')));
        const rule = [...rules].find(([prefix]) => head.startsWith(prefix));
        pair.fate = rule?.[1]() ?? 'pass';
      }
      server.write(bytes);
    });
    server.on('data', (bytes) => answer(pair, bytes));
  });

  const answer = (pair: Pair, bytes: Buffer) => {
    if (network === 'silent') return;
    switch (pair.fate) {
      case 'pass':
        return void pair.device.write(bytes);
      case 'hold':
        return void pair.held.push(bytes);
      case 'cut':
        return destroy(pair);
      case 'half':
        return void pair.device.write(bytes.subarray(0, bytes.length >> 1), () => destroy(pair));
    }
  };

  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    aim: (next) => void (origin = new URL(next)),
    down() {
      network = 'down';
      for (const pair of pairs) destroy(pair);
    },
    silence: () => void (network = 'silent'),
    up: () => void (network = 'up'),
    onAnswer(prefix, decide) {
      if (decide === undefined) rules.delete(prefix);
      else rules.set(prefix, decide);
    },
    release() {
      for (const pair of pairs) {
        pair.fate = 'pass';
        for (const bytes of pair.held.splice(0)) pair.device.write(bytes);
        if (pair.serverClosed) pair.device.end();
      }
    },
    requests: () => requestLines,
    count: (prefix) => requestLines.filter((line) => line.startsWith(prefix)).length,
    close() {
      for (const pair of pairs) destroy(pair);
      return new Promise((resolve) => listener.close(() => resolve()));
    },
  };
}
