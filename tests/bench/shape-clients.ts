import { Agent, get } from 'node:http';
import type { IncomingMessage } from 'node:http';

/** Connections are kept, one for each request under way. */
const agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: Infinity });

/** Ends the kept connections. */
export function closeClients(): void {
  agent.destroy();
}

export interface Answer {
  readonly status: number;
  readonly bytes: number;
  readonly headers: IncomingMessage['headers'];
}

/** Asks, and reads the answer without looking at it: what a client does with the bytes is not what is measured. */
export function ask(url: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      let bytes = 0;
      response.on('data', (piece: Buffer) => (bytes += piece.length));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, bytes, headers: response.headers }),
      );
      response.on('error', reject);
    }).on('error', reject);
  });
}

/** Where a client stands in a shape. */
export class Client {
  readonly #url: string;
  readonly #query: string;
  #offset = '-1';
  #handle = '';
  refetches = 0;
  bytes = 0;

  constructor(url: string, name: string, value?: string) {
    this.#url = `${url}/v1/shapes/${name}`;
    this.#query = value === undefined ? '' : `&value=${encodeURIComponent(value)}`;
  }

  /** Where this client asks next. */
  address(live: boolean): string {
    const handle = this.#handle === '' ? '' : `&handle=${this.#handle}`;
    return `${this.#url}?offset=${this.#offset}${handle}${live ? '&live=true' : ''}${this.#query}`;
  }

  /** Asks once; true when it is up to date. */
  async step(live = false): Promise<boolean> {
    const { status, headers, bytes } = await ask(this.address(live));
    if (status === 409) this.refetches += 1;
    else if (status !== 200) throw new Error(`status ${status} for ${this.address(live)}`);
    this.#handle = String(headers['electric-handle']);
    this.#offset = status === 409 ? '-1' : String(headers['electric-offset']);
    this.bytes += bytes;
    return headers['electric-up-to-date'] !== undefined;
  }

  async catchUp(): Promise<void> {
    while (!(await this.step()));
  }

  /** LSN that it has reached. */
  get lsn(): bigint {
    return this.#offset === '-1' ? 0n : BigInt(this.#offset.split('_')[0]!);
  }

  /** Waits for news until it has reached `lsn`. */
  async reach(lsn: bigint): Promise<void> {
    while (this.lsn < lsn) await this.step(true);
  }
}

/** Brings clients up to date, `width` at a time. */
export async function catchUpAll(clients: readonly Client[], width: number): Promise<void> {
  const left = [...clients];
  const worker = async () => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) await next.catchUp();
  };
  await Promise.all(Array.from({ length: width }, worker));
}
