import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CATALOG } from '@halo/shapes/catalog/catalog.ts';
import type { MutationBatch, MutationResult } from '@halo/shapes/protocol/mutation-batch.ts';
import { digestOfRow, digestText } from '../../server/shape-engine/row-digest.ts';

/** One change in the log of the server below. */
export interface LogEntry {
  readonly lsn: number;
  /** Which subscription sees it: `incidents?region=01`, `my_reports`, … */
  readonly shape: string;
  readonly operation: 'insert' | 'update' | 'delete';
  readonly value: Readonly<Record<string, string | null>>;
  readonly last: boolean;
}

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
}

/** Answers a request itself and returns true, or leaves it to the server. */
export type Intercept = (seen: Seen, request: IncomingMessage, response: ServerResponse) => boolean;

const LONG_POLL_MS = 20_000;

/**
 * A small real HTTP server that speaks Halo's protocol over a log in memory, for tests of the client that need
 * a server they can make misbehave. It knows nothing of `session`, like a plain Electric.
 */
export class ProtocolServer {
  readonly requests: Seen[] = [];
  readonly log: LogEntry[] = [];
  readonly ledger = new Map<string, MutationResult & { deviceId: string }>();
  /** Rows of a snapshot are cut into answers of this many. */
  rowsPerChunk = 1_000;
  tokenLifeS = 900;
  generation = 1;
  intercept: Intercept = () => false;
  /** Decides the fate of one mutation; throwing makes the server fail on it. */
  judge: (
    mutation: MutationBatch['mutations'][number],
  ) => Pick<MutationResult, 'status' | 'code' | 'message'> = () => ({ status: 'applied' });
  readonly #validTokens = new Set<string>();
  readonly #refreshTokens = new Set<string>();
  readonly #lastSeq = new Map<string, number>();
  readonly #waiters = new Set<() => void>();
  readonly #server = createServer((request, response) => void this.#handle(request, response));
  #tokens = 0;
  #txid = 100;

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** Commits one transaction: its changes get the next LSN. */
  commit(changes: readonly Omit<LogEntry, 'lsn' | 'last'>[]): number {
    const lsn = this.lsn() + 10;
    changes.forEach((change, index) => {
      const last = !changes.slice(index + 1).some(({ shape }) => shape === change.shape);
      this.log.push({ ...change, lsn, last });
    });
    for (const wake of [...this.#waiters]) wake();
    return lsn;
  }

  /** Makes every handle given so far worthless. */
  rotate(): void {
    this.generation += 1;
    for (const wake of [...this.#waiters]) wake();
  }

  /** Makes every access token given so far expire. */
  expireTokens(): void {
    this.#validTokens.clear();
  }

  /** Makes every session end. */
  endSessions(): void {
    this.#validTokens.clear();
    this.#refreshTokens.clear();
  }

  /** Sets back what the server knows of a device, as a restored backup would. */
  forget(deviceId: string, lastSeq: number): void {
    this.#lastSeq.set(deviceId, lastSeq);
  }

  lsn(): number {
    return this.log.at(-1)?.lsn ?? 1000;
  }

  /** Requests for a path seen so far. */
  count(path: string): number {
    return this.requests.filter((seen) => seen.path === path).length;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const seen = { method: request.method ?? '', path: url.pathname, query: url.searchParams };
    this.requests.push(seen);
    const body = await bodyOf(request);
    if (this.intercept(seen, request, response)) return;
    if (seen.path.startsWith('/api/v1/auth/')) return this.#auth(seen.path, body, response);
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    if (!this.#validTokens.has(token)) return problem(response, 401, 'token_expired');
    if (seen.path === '/v1/mutations') return this.#mutations(JSON.parse(body) as MutationBatch, response);
    if (seen.path.startsWith('/v1/shapes/')) return this.#shape(seen, response);
    problem(response, 404, 'not_found');
  }

  #auth(path: string, body: string, response: ServerResponse): void {
    const { password, refreshToken } = JSON.parse(body) as { password?: string; refreshToken?: string };
    if (path.endsWith('/logout')) return void response.writeHead(204).end();
    if (path.endsWith('/login') && password !== 'right password')
      return problem(response, 401, 'login_failed');
    if (path.endsWith('/refresh') && !this.#refreshTokens.delete(refreshToken ?? '')) {
      return problem(response, 401, 'session_revoked');
    }
    const n = (this.#tokens += 1);
    this.#validTokens.add(`access-${n}`);
    this.#refreshTokens.add(`refresh-${n}-0123456789abcdef`);
    json(response, 200, {
      accessToken: `access-${n}`,
      refreshToken: `refresh-${n}-0123456789abcdef`,
      expiresIn: this.tokenLifeS,
    });
  }

  #mutations({ deviceId, mutations }: MutationBatch, response: ServerResponse): void {
    const results: MutationResult[] = [];
    for (const mutation of mutations) {
      const last = this.#lastSeq.get(deviceId) ?? 0;
      const known = this.ledger.get(mutation.id);
      if (known !== undefined && mutation.seq <= last) {
        const { deviceId: _device, ...result } = known;
        results.push({ ...result, replayed: true });
        continue;
      }
      if (mutation.seq !== last + 1) {
        return problem(response, 409, 'seq_gap', { expectedSeq: last + 1 });
      }
      try {
        const { seq, id } = mutation;
        const result = { seq, id, replayed: false, txid: String(this.#txid++), ...this.judge(mutation) };
        this.ledger.set(id, { ...result, deviceId });
        this.#lastSeq.set(deviceId, seq);
        results.push(result);
      } catch {
        break;
      }
    }
    json(response, 200, { lastSeq: this.#lastSeq.get(deviceId) ?? 0, results });
  }

  async #shape({ path, query }: Seen, response: ServerResponse): Promise<void> {
    const name = path.slice('/v1/shapes/'.length).replace('/checksum', '');
    const region = query.get('region');
    const shape = region === null ? name : `${name}?region=${region}`;
    const offset = query.get('offset')!;
    const handle = `${shape.replace(/\W/g, '-')}-g${this.generation}`;
    const asked = query.get('handle');
    if (path.endsWith('/checksum')) return json(response, 200, this.#checksum(shape, offset));
    if (offset !== '-1' && asked !== handle) {
      return json(response, 409, [{ headers: { control: 'must-refetch' } }], { 'electric-handle': handle });
    }
    if (offset === '-1' || offset.startsWith('0_')) return this.#snapshot(shape, handle, offset, response);
    const from = Number(offset.split('_')[0]);
    if (query.get('live') === 'true') await this.#news(shape, from, response);
    if (asked !== `${shape.replace(/\W/g, '-')}-g${this.generation}`) {
      return json(response, 409, [{ headers: { control: 'must-refetch' } }], {
        'electric-handle': `${shape.replace(/\W/g, '-')}-g${this.generation}`,
      });
    }
    const entries = this.log.filter((entry) => entry.shape === shape && entry.lsn > from);
    this.#answer(response, handle, `${this.lsn()}_0`, entries.map(toMessage), true);
  }

  #snapshot(shape: string, handle: string, offset: string, response: ServerResponse): void {
    const chunk = offset === '-1' ? 0 : Number(offset.slice(2)) + 1;
    const rows = [...this.rows(shape).values()];
    const from = chunk * this.rowsPerChunk;
    const messages = rows.slice(from, from + this.rowsPerChunk).map((value) => ({
      key: `"${shape}"/"${identityOf(shape, value)}"`,
      value,
      headers: { operation: 'insert' as const, relation: ['public', shape] },
    }));
    const done = from + this.rowsPerChunk >= rows.length;
    this.#answer(response, handle, done ? `${this.lsn()}_0` : `0_${chunk}`, messages, done);
  }

  #checksum(shape: string, offset: string): { rows: number; digest: string } {
    const { columns } = CATALOG.get(shape.split('?')[0]!)!;
    const rows = [...this.rows(shape, Number(offset.split('_')[0])).values()];
    const places = columns.map((_, index) => index);
    const tuples = rows.map((row) => columns.map(({ name }) => row[name] ?? null));
    const digest = tuples.reduce((sum, tuple) => sum ^ digestOfRow(columns, tuple, places), 0n);
    return { rows: rows.length, digest: digestText(digest) };
  }

  /** The rows of a shape as the log leaves them, up to an LSN. */
  rows(shape: string, until = Infinity): Map<string, Record<string, string | null>> {
    const rows = new Map<string, Record<string, string | null>>();
    const entries = this.log.filter((entry) => entry.shape === shape && entry.lsn <= until);
    for (const { operation, value } of entries) {
      const id = identityOf(shape, value);
      if (operation === 'delete') rows.delete(id);
      else rows.set(id, { ...rows.get(id), ...value });
    }
    return rows;
  }

  #news(shape: string, from: number, response: ServerResponse): Promise<void> {
    const generation = this.generation;
    const there = () =>
      this.generation !== generation || this.log.some((entry) => entry.shape === shape && entry.lsn > from);
    if (there()) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#waiters.delete(look);
        resolve();
      };
      const look = () => {
        if (there()) end();
      };
      const timer = setTimeout(end, LONG_POLL_MS);
      response.on('close', end);
      this.#waiters.add(look);
    });
  }

  #answer(response: ServerResponse, handle: string, offset: string, messages: unknown[], upToDate: boolean) {
    const end = { headers: { control: 'up-to-date', global_last_seen_lsn: String(this.lsn()) } };
    json(response, 200, upToDate ? [...messages, end] : messages, {
      'electric-handle': handle,
      'electric-offset': offset,
    });
  }
}

/** What tells a row from the others of its shape. */
function identityOf(shape: string, value: LogEntry['value']): string {
  const key = CATALOG.get(shape.split('?')[0]!)?.key ?? [];
  return value['id'] ?? value['code'] ?? key.map((column) => value[column]).join('"/"');
}

function toMessage({ shape, value, operation, lsn, last }: LogEntry) {
  const headers = {
    operation,
    relation: ['public', shape],
    lsn: String(lsn),
    // Positions are whole transactions here.
    op_position: 0,
    ...(last ? { last: true } : {}),
  };
  return { key: `"${shape}"/"${identityOf(shape, value)}"`, value, headers };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export function problem(
  response: ServerResponse,
  status: number,
  code: string,
  extra: Record<string, unknown> = {},
): void {
  json(response, status, { type: 'about:blank', title: code, status, code, ...extra });
}
