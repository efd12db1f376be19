import { createServer, request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of one exchange. */
export type Fault =
  | 'pass'
  /** The request never reaches the server. */
  | 'drop'
  /** The request waits on its way, so that later ones overtake it. */
  | 'delay'
  /** The answer waits on its way, so that answers to later requests overtake it. */
  | 'reorder'
  /** The request reaches the server twice; the second answer is passed. */
  | 'duplicate'
  /** The server has answered, and the connection ends before the answer. */
  | 'cut'
  /** Half of the answer's body comes. */
  | 'truncate'
  /** A cache that knows nothing of waiting gives the first answer that this position of a shape ever had. */
  | 'stale'
  /** The answer comes without Electric's headers. */
  | 'strip'
  /** A proxy says that the server is busy. */
  | 'busy';

export interface ChaosProxy {
  readonly url: string;
  /** How often each fault has struck. */
  readonly struck: ReadonlyMap<Fault, number>;
  /** Decides the fate of each exchange from now on, told whether a cache could answer; undefined passes everything. */
  decide(fate: ((isCached: boolean) => Fault) | undefined): void;
  close(): Promise<void>;
}

export const FAULTS: readonly Fault[] = [
  'drop',
  'delay',
  'reorder',
  'duplicate',
  'cut',
  'truncate',
  'stale',
  'strip',
  'busy',
];
/** Longest that something waits on its way, in milliseconds. */
const MAX_DELAY_MS = 700;
/** Answers that a stale cache remembers. */
const MAX_CACHED = 500;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A proxy that understands HTTP, in front of `origin`; `random` is uniform in [0, 1). */
export async function startChaosProxy(origin: string, random: () => number): Promise<ChaosProxy> {
  const struck = new Map<Fault, number>();
  const cache = new Map<string, Answer>();
  let decide: ((isCached: boolean) => Fault) | undefined;

  const exchange = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const body = await bodyOf(incoming);
    const path = incoming.url ?? '/';
    const position = positionIn(path);
    // A cache answers only what it has seen, and only reads.
    const cached = incoming.method === 'GET' ? cache.get(position) : undefined;
    const drawn = decide?.(cached !== undefined) ?? 'pass';
    const fault = drawn === 'stale' && cached === undefined ? 'pass' : drawn;
    struck.set(fault, (struck.get(fault) ?? 0) + 1);
    if (fault === 'drop') return void outgoing.destroy();
    if (fault === 'busy') return void outgoing.writeHead(503, { 'retry-after': '1' }).end();
    if (fault === 'stale') return send(outgoing, cached!);
    if (fault === 'delay') await sleep(random() * MAX_DELAY_MS);
    if (fault === 'duplicate') await forward(origin, incoming, body, outgoing);
    const answer = await forward(origin, incoming, body, outgoing);
    const mayKeep =
      incoming.method === 'GET' && !/private|no-store/.test(answer.headers['cache-control'] ?? '');
    const isNew = mayKeep && !cache.has(position) && cache.size < MAX_CACHED;
    if (isNew) cache.set(position, answer);
    if (fault === 'reorder') await sleep(random() * MAX_DELAY_MS);
    if (fault === 'cut') return void outgoing.destroy();
    if (fault === 'truncate') return truncate(outgoing, answer);
    send(outgoing, fault === 'strip' ? stripped(answer) : answer);
  };

  const server = createServer((incoming, outgoing) => {
    // Where the device has gone, or the server, nobody waits for the answer.
    exchange(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    struck,
    decide: (fate) => void (decide = fate),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** What such a cache knows an answer by. */
function positionIn(path: string): string {
  const url = new URL(path, 'http://cache.example');
  for (const name of ['session', 'cursor', 'live', 'cache-buster']) url.searchParams.delete(name);
  return url.pathname + url.search;
}

/** Asks the server; a device that goes away ends its question there too. */
function forward(
  origin: string,
  incoming: IncomingMessage,
  body: Buffer,
  outgoing: ServerResponse,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { host: _host, connection: _connection, ...headers } = incoming.headers;
    const url = new URL(incoming.url ?? '/', origin);
    const asked = httpRequest(url, { method: incoming.method, headers, agent: false }, (response) => {
      bodyOf(response).then((text) => {
        resolve({ status: response.statusCode ?? 502, headers: response.headers, body: text });
      }, reject);
    });
    outgoing.once('close', () => asked.destroy());
    asked.once('error', reject);
    asked.end(body);
  });
}

function send(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  outgoing.writeHead(status, passed(headers, body.length)).end(body);
}

function truncate(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  outgoing.writeHead(status, passed(headers, body.length));
  outgoing.write(body.subarray(0, body.length >> 1), () => outgoing.destroy());
}

const stripped = (answer: Answer): Answer => ({
  ...answer,
  headers: Object.fromEntries(
    Object.entries(answer.headers).filter(([name]) => !name.startsWith('electric-')),
  ),
});

function passed(headers: IncomingHttpHeaders, length: number): IncomingHttpHeaders {
  const {
    'transfer-encoding': _encoding,
    connection: _connection,
    'keep-alive': _keepAlive,
    ...rest
  } = headers;
  return { ...rest, 'content-length': String(length) };
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
