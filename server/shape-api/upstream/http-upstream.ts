import http from 'node:http';
import https from 'node:https';
import { HaloError } from '../../platform/errors.ts';
import { sendRequest } from './send-request.ts';
import type { Target } from './send-request.ts';
import type { ShapeUpstream, UpstreamAnswer, UpstreamRequest } from './shape-upstream.ts';

/** Requests under way at once; each waiting reader is one, so it is about what the listener takes. */
const MAX_OPEN = 16_384;
/** Connections kept for the next request. */
const MAX_IDLE_CONNECTIONS = 256;
const IDLE_CONNECTION_MS = 30_000;
/** A wide table's description stands in a header. */
const MAX_HEADER_BYTES = 64 * 1024;
const HEALTH_TIMEOUT_MS = 2_500;
const SHAPE_PATH = '/v1/shape';
const HEALTH_PATH = '/v1/health';

export interface HttpUpstreamOptions {
  /** Its base address, or that of its `/v1/shape`; parameters in it go with every request. */
  readonly url: URL;
  readonly secret: string | undefined;
  readonly maxOpen?: number;
  /** How long an answer's head, and then each piece of its body, may be awaited, in milliseconds. */
  readonly headTimeoutMs?: number;
  readonly pieceTimeoutMs?: number;
}

/** Longer than a long poll (20 s), and than an offset ahead of the log is held (10 s). */
const HEAD_TIMEOUT_MS = 55_000;
/** Longer than a stream of events is silent (21 s). */
const PIECE_TIMEOUT_MS = 45_000;
const CONNECT_TIMEOUT_MS = 5_000;

/** Speaks to the upstream over HTTP/1.1, with a bounded number of connections that are used again. */
export function createHttpUpstream(options: HttpUpstreamOptions): ShapeUpstream {
  const { url, maxOpen = MAX_OPEN } = options;
  const transport = url.protocol === 'https:' ? https : http;
  const agent = new transport.Agent({
    keepAlive: true,
    maxSockets: maxOpen,
    maxFreeSockets: MAX_IDLE_CONNECTIONS,
    timeout: IDLE_CONNECTION_MS,
    scheduling: 'lifo',
  });
  const target: Target = {
    request: (address, more) =>
      transport.request(address, { ...more, agent, maxHeaderSize: MAX_HEADER_BYTES }),
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    headTimeoutMs: options.headTimeoutMs ?? HEAD_TIMEOUT_MS,
    pieceTimeoutMs: options.pieceTimeoutMs ?? PIECE_TIMEOUT_MS,
  };
  const stop = new AbortController();
  let open = 0;

  async function ask(request: UpstreamRequest): Promise<UpstreamAnswer> {
    if (stop.signal.aborted) throw shuttingDown();
    if (open >= maxOpen) throw tooManyOpen();
    const address = addressOf(url, SHAPE_PATH);
    for (const [name, value] of request.query) address.searchParams.append(name, value);
    if (options.secret !== undefined) address.searchParams.set('secret', options.secret);
    open += 1;
    const closed = () => void (open -= 1);
    return sendRequest(target, address, request, stop.signal, closed);
  }

  return {
    ask,
    check: () => checkHealth(target, addressOf(url, HEALTH_PATH)),
    get open() {
      return open;
    },
    stopping: stop.signal,
    endWaits: () => stop.abort(shuttingDown()),
    close() {
      stop.abort(shuttingDown());
      agent.destroy();
    },
  };
}

/** Electric says 202 while it starts. A server that has no such path has at least answered. */
async function checkHealth(target: Target, address: URL): Promise<void> {
  const signal = AbortSignal.timeout(HEALTH_TIMEOUT_MS);
  const request: UpstreamRequest = { method: 'GET', query: [], ifNoneMatch: undefined, body: null, signal };
  const { status, release } = await sendRequest(target, address, request, signal, () => {}).catch(() => {
    throw new Error('the server of ELECTRIC_URL does not answer');
  });
  release();
  if (status === 202) throw new Error('the server of ELECTRIC_URL is still starting');
  if (status !== 200 && status !== 404) throw new Error(`the server of ELECTRIC_URL answers ${status}`);
}

function addressOf(base: URL, path: string): URL {
  const address = new URL(base);
  address.pathname = address.pathname.replace(/\/+$/, '').replace(/\/v1\/shape$/, '') + path;
  return address;
}

function shuttingDown(): HaloError {
  return new HaloError('shutting_down', 'The server is stopping.', {
    status: 503,
    hint: 'Try again after the time that Retry-After names.',
    details: { retryAfterS: 1 },
  });
}

function tooManyOpen(): HaloError {
  return new HaloError('busy', 'Too many requests for shapes at once.', {
    status: 503,
    hint: 'Try again after the time that Retry-After names.',
    details: { retryAfterS: 1 },
  });
}
