import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { HaloError } from '../../platform/errors.ts';
import type { UpstreamAnswer, UpstreamRequest } from './shape-upstream.ts';

/** How requests are made, and what they may take. */
export interface Target {
  readonly request: (address: URL, options: RequestOptions) => ClientRequest;
  readonly connectTimeoutMs: number;
  readonly headTimeoutMs: number;
  readonly pieceTimeoutMs: number;
}

/**
 * Sends a request, once more where a connection that had been used before turned out to be closed.
 * `closed` is called when nothing of it is left open. Errors tell nothing of the address, which holds a secret.
 */
export async function sendRequest(
  target: Target,
  address: URL,
  request: UpstreamRequest,
  stopping: AbortSignal,
  closed: () => void,
): Promise<UpstreamAnswer> {
  let retried = false;
  let hasHead = false;
  const answered = await new Promise<{ outgoing: ClientRequest; incoming: IncomingMessage } | HaloError>(
    (resolve) => {
      const attempt = () => {
        const outgoing = target.request(address, optionsOf(request));
        const end = abortable(outgoing, target, [request.signal, stopping]);
        outgoing.once('response', (incoming) => {
          hasHead = true;
          end();
          resolve({ outgoing, incoming });
        });
        outgoing.on('error', (error) => {
          // Whoever reads the body is told by it.
          if (hasHead) return;
          end();
          const reason = [request.signal, stopping].find(({ aborted }) => aborted)?.reason as unknown;
          if (reason === undefined && outgoing.reusedSocket && !retried) {
            retried = true;
            attempt();
            return;
          }
          resolve(reason instanceof HaloError ? reason : unavailable(error));
        });
        outgoing.end(request.body ?? undefined);
      };
      attempt();
    },
  );
  if (answered instanceof HaloError) {
    closed();
    throw answered;
  }
  const { outgoing, incoming } = answered;
  incoming.once('close', closed);
  // Whoever reads is told by the iteration; whoever does not read does not care.
  incoming.on('error', () => {});
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    pieces: () => piecesOf(incoming, target.pieceTimeoutMs),
    release() {
      // What has arrived whole leaves its connection for the next request.
      if (incoming.complete) incoming.resume();
      else outgoing.destroy();
    },
  };
}

function optionsOf({ method, ifNoneMatch, body }: UpstreamRequest): RequestOptions {
  return {
    method,
    headers: {
      accept: 'application/json, text/event-stream',
      // The bytes are passed on as they are.
      'accept-encoding': 'identity',
      ...(ifNoneMatch === undefined ? {} : { 'if-none-match': ifNoneMatch }),
      ...(body === null
        ? {}
        : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
    },
  };
}

/** Destroys the request when a signal aborts or it takes too long; until the returned function is called. */
function abortable(outgoing: ClientRequest, target: Target, signals: readonly AbortSignal[]): () => void {
  const abort = () => outgoing.destroy(new Error('aborted'));
  for (const signal of signals) {
    if (signal.aborted) queueMicrotask(abort);
    else signal.addEventListener('abort', abort, { once: true });
  }
  const late = (what: string) => () => outgoing.destroy(new Error(`no ${what} in time`));
  const head = setTimeout(late('answer'), target.headTimeoutMs);
  let connecting: NodeJS.Timeout | undefined;
  outgoing.once('socket', (socket) => {
    if (!socket.connecting) return;
    connecting = setTimeout(late('connection'), target.connectTimeoutMs);
    socket.once('connect', () => clearTimeout(connecting));
  });
  return () => {
    clearTimeout(head);
    clearTimeout(connecting);
    for (const signal of signals) signal.removeEventListener('abort', abort);
  };
}

/** The body's bytes as fast as they are taken: what is not is left in the connection. */
async function* piecesOf(incoming: IncomingMessage, timeoutMs: number): AsyncGenerator<Uint8Array> {
  const pieces = incoming[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    for (;;) {
      const piece = await nextPiece(pieces, incoming, timeoutMs);
      if (piece === undefined) return;
      yield piece;
    }
  } finally {
    await pieces.return?.();
  }
}

async function nextPiece(
  pieces: AsyncIterator<Buffer>,
  incoming: IncomingMessage,
  timeoutMs: number,
): Promise<Buffer | undefined> {
  const timer = setTimeout(() => incoming.destroy(new Error('no more in time')), timeoutMs);
  try {
    const next = await pieces.next();
    return next.done === true ? undefined : next.value;
  } catch (error) {
    throw unavailable(error);
  } finally {
    clearTimeout(timer);
  }
}

/** The upstream cannot answer at present. */
export function unavailable(cause: unknown, retryAfterS?: number): HaloError {
  return new HaloError('upstream_unavailable', 'The server behind the shapes does not answer at present.', {
    status: 503,
    hint: 'Try again after the time that Retry-After names, with the same offset.',
    cause,
    ...(retryAfterS === undefined ? {} : { details: { retryAfterS } }),
  });
}
