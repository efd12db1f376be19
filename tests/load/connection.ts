import { Agent as PlainAgent, request as plainRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** From the question to the whole answer. */
  readonly ms: number;
}

/** A connection that broke, or an answer that did not come in time. */
export class Broken extends Error {
  readonly kind: 'cut' | 'timeout';

  constructor(kind: 'cut' | 'timeout', cause?: unknown) {
    super(kind, { cause });
    this.kind = kind;
  }
}

/** Longer than a long poll takes. */
const TIMEOUT_MS = 60_000;

/** A device's connections: as many as it has requests under way, kept until it sleeps or loses the network. */
export class Connection {
  readonly #origin: string;
  readonly #headers: Readonly<Record<string, string>>;
  #agent: PlainAgent | TlsAgent;

  /** @param address whose a trusted proxy would say that the requests are. */
  constructor(origin: string, address: string) {
    this.#origin = origin;
    this.#headers = { 'x-forwarded-for': address };
    this.#agent = this.#newAgent();
  }

  /** Ends all connections, with what is under way on them. */
  cut(): void {
    this.#agent.destroy();
    this.#agent = this.#newAgent();
  }

  /** Asks once; rejects with `Broken`. */
  ask(method: 'GET' | 'POST', path: string, token: string | undefined, body?: unknown): Promise<Answer> {
    const isTls = this.#origin.startsWith('https:');
    const sent = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      ...this.#headers,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(sent === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) }),
    };
    const askedAt = performance.now();
    return new Promise((resolve, reject) => {
      const options = { method, headers, agent: this.#agent, timeout: TIMEOUT_MS };
      const asked = (isTls ? tlsRequest : plainRequest)(`${this.#origin}${path}`, options, (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(pieces).toString(),
            ms: performance.now() - askedAt,
          }),
        );
        response.on('error', (error) => reject(new Broken('cut', error)));
      });
      asked.on('timeout', () => asked.destroy(new Broken('timeout')));
      asked.on('error', (error) => reject(error instanceof Broken ? error : new Broken('cut', error)));
      asked.end(sent);
    });
  }

  #newAgent(): PlainAgent | TlsAgent {
    const options = { keepAlive: true, maxSockets: 8 };
    return this.#origin.startsWith('https:') ? new TlsAgent(options) : new PlainAgent(options);
  }
}
