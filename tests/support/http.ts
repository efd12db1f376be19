import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that a test server has received. */
export interface SeenRequest {
  readonly method: string;
  /** Path with its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** An HTTP server of a test's own on a free loopback port. */
export interface TestHttpServer {
  /** Its origin, without a slash at the end. */
  readonly url: string;
  /** What it has received so far, in order. */
  requests(): readonly SeenRequest[];
  /** Answers differently from the next request on. */
  answerWith(listener: RequestListener): void;
  /** Cuts what is open and stops listening. */
  close(): Promise<void>;
}

/** Starts it; a request that `listener` never answers hangs until its client gives up. */
export async function startHttpServer(listener: RequestListener): Promise<TestHttpServer> {
  let answer = listener;
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    seen.push(describe(request));
    void answer(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => seen,
    answerWith: (next) => void (answer = next),
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      return closed;
    },
  };
}

function describe({ method, url, headers }: IncomingMessage): SeenRequest {
  return { method: method ?? 'GET', path: url ?? '/', headers };
}
