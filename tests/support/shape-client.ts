import type { ChangeMessage, ShapeMessage } from '@halo/shapes/protocol/messages.ts';
import { isChangeMessage } from '@halo/shapes/protocol/messages.ts';

/** An answer of the shape endpoint, taken apart. */
export interface ShapeResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly messages: readonly ShapeMessage[];
}

/** Asks for a shape once. */
export async function requestShape(
  url: string,
  path: string,
  query: Readonly<Record<string, string>>,
  init: { authorization?: string; signal?: AbortSignal } = {},
): Promise<ShapeResponse> {
  const response = await fetch(`${url}${path}?${new URLSearchParams(query).toString()}`, {
    headers: { authorization: init.authorization ?? '' },
    signal: init.signal ?? null,
  });
  const text = await response.text();
  const messages = text.startsWith('[') ? (JSON.parse(text) as ShapeMessage[]) : [];
  return { status: response.status, headers: response.headers, messages };
}

type Row = Record<string, string | null>;

/** The server answered with a status that is no part of following a shape. */
export class UnexpectedStatus extends Error {
  readonly status: number;

  constructor(status: number, query: Readonly<Record<string, string>>) {
    super(`status ${status} for ${JSON.stringify(query)}`);
    this.status = status;
  }
}

/**
 * A reader of the protocol that trusts nothing: it keeps rows by key and fails on a doubled insert, on an
 * update or delete of a row that it does not have, and on an offset that does not rise.
 */
export class StrictShapeReader {
  url: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly authorization: string;
  readonly rows = new Map<string, Row>();
  /** Told of every message, in order. */
  onMessage: (message: ShapeMessage) => void = () => {};
  offset = '-1';
  handle: string | null = null;
  refetches = 0;
  #head = 0n;

  constructor(url: string, path: string, query: Readonly<Record<string, string>> = {}, authorization = '') {
    this.url = url;
    this.path = path;
    this.query = query;
    this.authorization = authorization;
  }

  /** Asks once; true when the answer was up to date. */
  async step(live = false, signal?: AbortSignal): Promise<boolean> {
    const query = {
      ...this.query,
      offset: this.offset,
      ...(this.handle === null ? {} : { handle: this.handle }),
      ...(live ? { live: 'true' } : {}),
    };
    const answer = await requestShape(this.url, this.path, query, {
      authorization: this.authorization,
      ...(signal === undefined ? {} : { signal }),
    });
    if (answer.status === 409) return this.#refetch(answer);
    if (answer.status !== 200) throw new UnexpectedStatus(answer.status, query);
    for (const message of answer.messages) {
      if (isChangeMessage(message)) this.#apply(message);
      this.onMessage(message);
    }
    this.handle = answer.headers.get('electric-handle');
    this.#moveTo(answer.headers.get('electric-offset')!);
    this.#head = BigInt(answer.headers.get('halo-head') ?? '0');
    return answer.headers.has('electric-up-to-date');
  }

  /** WAL that the server had read and this reader had not, at the last answer. */
  behindBytes(): number {
    return Number(this.#head - this.lsn);
  }

  /** LSN that this reader has reached. */
  get lsn(): bigint {
    return lsnOf(this.offset);
  }

  /** Asks until the answer is up to date. */
  async catchUp(): Promise<void> {
    for (let steps = 0; !(await this.step()); steps += 1) {
      if (steps > 1_000) throw new Error('never up to date');
    }
  }

  #moveTo(offset: string): void {
    const [from, to] = [lsnOf(this.offset), lsnOf(offset)];
    if (to < from) throw new Error(`an offset that falls: ${offset} after ${this.offset}`);
    this.offset = offset;
  }

  #refetch(answer: ShapeResponse): false {
    const handle = answer.headers.get('electric-handle');
    if (handle === null || handle === this.handle) throw new Error('a 409 must bring another handle');
    this.rows.clear();
    this.offset = '-1';
    this.handle = handle;
    this.refetches += 1;
    return false;
  }

  #apply({ key, value, old_value, headers }: ChangeMessage): void {
    const known = this.rows.get(key);
    if (headers.operation === 'insert') {
      if (known !== undefined) throw new Error(`a doubled row: ${key}`);
      this.rows.set(key, { ...value });
      return;
    }
    if (known === undefined) throw new Error(`${headers.operation} of a row that was never sent: ${key}`);
    for (const [name, old] of Object.entries(old_value ?? {})) {
      if (known[name] !== old) throw new Error(`an old value of ${name} that was never sent: ${key}`);
    }
    if (headers.operation === 'delete') this.rows.delete(key);
    else Object.assign(known, value);
  }
}

/** LSN of an offset; that of a snapshot's part, and of the beginning, is zero. */
function lsnOf(offset: string): bigint {
  return offset === '-1' ? 0n : BigInt(offset.split('_')[0]!);
}
