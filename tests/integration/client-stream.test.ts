import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ChangeMessage } from '@halo/shapes/protocol/messages.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StreamPosition } from '../../client-sdk/streams/shape-request.ts';
import type { Contact, ResumePoint, ShapeSink } from '../../client-sdk/streams/shape-sink.ts';
import { StreamDriver } from '../../client-sdk/streams/stream-driver.ts';
import type { StreamMachine } from '../../client-sdk/streams/stream-machine.ts';
import { realEnvironment } from '../../client-sdk/sync/environment.ts';
import { createHttp } from '../../client-sdk/sync/http.ts';
import type { Session } from '../../client-sdk/sync/session.ts';
import { requestAuthorized } from '../../client-sdk/sync/session.ts';
import { eventually } from '../support/eventually.ts';

type Answer = (response: ServerResponse, query: URLSearchParams) => void;

/** Keeps rows in memory: the sink's contract without a database. */
class MemorySink implements ShapeSink {
  rows = new Map<string, unknown>();
  building = new Map<string, unknown>();
  position: StreamPosition = { handle: undefined, offset: '-1' };
  /** Every state of the rows in sight. */
  readonly sizes: number[] = [];
  readonly contacts: Contact[] = [];
  /** So many of the next calls after the first snapshot fail. */
  failures = 0;

  async resume(): Promise<ResumePoint> {
    this.#mayFail();
    return { phase: this.position.offset === '-1' ? 'snapshot' : 'catch_up', position: this.position };
  }
  async beginSnapshot(): Promise<void> {
    this.building = new Map();
  }
  async addToSnapshot(changes: readonly ChangeMessage[]): Promise<void> {
    take(this.building, changes);
  }
  async publishSnapshot(position: StreamPosition): Promise<boolean> {
    this.rows = this.building;
    this.#moved(position);
    return true;
  }
  async apply(changes: readonly ChangeMessage[], position: StreamPosition): Promise<void> {
    this.#mayFail();
    take(this.rows, changes);
    this.#moved(position);
  }
  contact(contact: Contact): void {
    this.contacts.push(contact);
  }
  #mayFail(): void {
    if (this.sizes.length === 0 || this.failures === 0) return;
    this.failures -= 1;
    throw new Error('the replica is full');
  }
  #moved(position: StreamPosition): void {
    this.position = position;
    this.sizes.push(this.rows.size);
  }
}

function take(rows: Map<string, unknown>, changes: readonly ChangeMessage[]): void {
  for (const { key, value, headers } of changes) {
    if (headers.operation === 'delete') rows.delete(key);
    else rows.set(key, value);
  }
}

let server: Server;
let url: string;
let script: Answer[];
let queries: URLSearchParams[];
let stop: AbortController;
let running: Promise<void> | undefined;
let machine: StreamMachine | undefined;
let shown: string[];
let behind: (number | undefined)[];

beforeEach(async () => {
  script = [];
  queries = [];
  shown = [];
  behind = [];
  stop = new AbortController();
  server = createServer((request, response) => {
    const query = new URL(request.url!, 'http://localhost').searchParams;
    queries.push(query);
    // Past its script the server keeps the last request waiting, as a long poll does.
    script.shift()?.(response, query);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  stop.abort();
  await running;
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
});

const insert = (id: number, last = false) => ({
  key: `"areas"/"${id}"`,
  value: { code: String(id) },
  headers: { operation: 'insert', relation: ['public', 'areas'], lsn: '10', ...(last ? { last: true } : {}) },
});
const UP_TO_DATE = { headers: { control: 'up-to-date', global_last_seen_lsn: '10' } };

const chunk =
  (handle: string, offset: string, ...messages: unknown[]): Answer =>
  (response) =>
    void response
      .writeHead(200, { 'electric-handle': handle, 'electric-offset': offset })
      .end(JSON.stringify(messages));
const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (response) =>
    void response.writeHead(code, headers).end('{}');

function follow(sink: MemorySink, options: { silenceMs?: number; session?: Session } = {}): StreamDriver {
  const environment = { ...realEnvironment, random: () => Math.random() * 0.02 };
  const http = createHttp(environment, options.silenceMs ?? 45_000).request;
  const session = options.session ?? fixedSession('token');
  const driver = new StreamDriver({
    url,
    shape: { name: 'areas' },
    session: 'one',
    sink,
    environment,
    get: (target, signal) => requestAuthorized(http, session, { method: 'GET', url: target, signal }),
    onState: (next) => {
      machine = next;
      shown.push(next.shown);
      behind.push(next.behindBytes);
    },
  });
  running = sink.resume().then((from) => driver.run(from, stop.signal));
  return driver;
}

function fixedSession(token: string): Session {
  return {
    token: async () => ({ kind: 'token', token }),
    renew: async () => ({ kind: 'token', token: 'renewed' }),
    end: async () => {},
    endOwn: async () => {},
  };
}

describe('a stream against a scripted server', () => {
  it('reads chunks of a snapshot, then the log, then waits with cursor and handle', async () => {
    const sink = new MemorySink();
    script = [
      chunk('h', '0_0', insert(1), insert(2)),
      chunk('h', '10_0', insert(3), UP_TO_DATE),
      (response) =>
        void response
          .writeHead(200, { 'electric-handle': 'h', 'electric-offset': '20_0', 'electric-cursor': '77' })
          .end(JSON.stringify([insert(4, true), UP_TO_DATE])),
    ];
    follow(sink);
    await eventually(() => expect(queries).toHaveLength(4));
    expect(sink.sizes).toEqual([3, 4]);
    expect(queries.map((query) => query.get('offset'))).toEqual(['-1', '0_0', '10_0', '20_0']);
    expect(queries.map((query) => query.get('live'))).toEqual([null, null, 'true', 'true']);
    expect(queries[3]!.get('cursor')).toBe('77');
    expect(queries.every((query) => query.get('session') === 'one')).toBe(true);
  });

  it('after a 409 reads anew with the new handle, and the rows in sight stay until it is complete', async () => {
    const sink = new MemorySink();
    script = [
      chunk('h1', '10_0', insert(1), insert(2), UP_TO_DATE),
      status(409, { 'electric-handle': 'h2' }),
      chunk('h2', '0_0', insert(1)),
      chunk('h2', '10_0', insert(5), insert(6), UP_TO_DATE),
    ];
    follow(sink);
    await eventually(() => expect(queries).toHaveLength(5));
    expect(queries[2]!.get('handle')).toBe('h2');
    expect(queries[2]!.get('offset')).toBe('-1');
    expect(sink.sizes).toEqual([2, 3]);
    expect(sink.position).toEqual({ handle: 'h2', offset: '10_0' });
  });

  it('after a 409 without a handle no two successive requests are the same', async () => {
    const sink = new MemorySink();
    script = [...Array.from({ length: 5 }, () => status(409)), chunk('h', '10_0', insert(1), UP_TO_DATE)];
    follow(sink);
    await eventually(() => expect(sink.sizes).toEqual([1]));
    const urls = queries.map(String);
    for (const [index, text] of urls.slice(1).entries()) expect(text).not.toBe(urls[index]);
    expect(Math.max(...urls.map((text) => text.length))).toBeLessThan(2_048);
  });

  it('names the header that a proxy strips, and mends by itself', async () => {
    const sink = new MemorySink();
    const stripped: Answer = (response) =>
      void response.writeHead(200, { 'electric-offset': '10_0' }).end('[]');
    script = [stripped, stripped, stripped];
    follow(sink);
    await eventually(() => expect(machine?.error?.code).toBe('missing_header'));
    expect(machine?.shown).toBe('refused');
    expect(machine?.error?.message).toContain('electric-handle');
    await eventually(() => expect(script).toHaveLength(0));
    script = [chunk('h', '10_0', insert(1), UP_TO_DATE)];
    // Scenario O3: back within 35 s once the proxy is mended; its back-off may have grown meanwhile.
    await eventually(() => expect(sink.sizes).toEqual([1]));
    expect(machine?.error).toBeUndefined();
  });

  it('takes nothing from half an answer', async () => {
    const sink = new MemorySink();
    const whole = JSON.stringify([insert(1), insert(2), UP_TO_DATE]);
    const torn: Answer = (response) => {
      response.writeHead(200, {
        'electric-handle': 'h',
        'electric-offset': '10_0',
        'content-length': String(whole.length),
      });
      response.write(whole.slice(0, 40), () => response.destroy());
    };
    script = [torn, torn, chunk('h', '10_0', insert(1), insert(2), UP_TO_DATE)];
    follow(sink);
    await eventually(() => expect(sink.sizes).toEqual([2]));
    expect(queries[2]!.get('offset')).toBe('-1');
  });

  it('after a 401 renews the token and resumes at the same handle and offset', async () => {
    const sink = new MemorySink();
    script = [
      chunk('h', '10_0', insert(1), UP_TO_DATE),
      status(401),
      chunk('h', '20_0', insert(2, true), UP_TO_DATE),
    ];
    follow(sink);
    await eventually(() => expect(sink.sizes).toEqual([1, 2]));
    expect([queries[2]!.get('handle'), queries[2]!.get('offset')]).toEqual(['h', '10_0']);
  });

  it('gives up a request that stays silent, says so, and resumes', async () => {
    const sink = new MemorySink();
    script = [
      chunk('h', '10_0', insert(1), UP_TO_DATE),
      () => {},
      chunk('h', '20_0', insert(2, true), UP_TO_DATE),
    ];
    follow(sink, { silenceMs: 2_000 });
    await eventually(() => expect(sink.sizes).toEqual([1, 2]));
    expect(shown).toContain('stalled');
    expect(queries[2]!.get('live')).toBeNull();
  });

  it('holds a transaction that is spread over answers until it is whole', async () => {
    const sink = new MemorySink();
    script = [
      chunk('h', '10_0', UP_TO_DATE),
      chunk('h', '20_4', insert(1), insert(2)),
      chunk('h', '20_8', insert(3), insert(4, true)),
      chunk('h', '20_8', UP_TO_DATE),
    ];
    follow(sink);
    await eventually(() => expect(queries).toHaveLength(5));
    expect(sink.sizes).toEqual([0, 4, 4]);
    expect(queries[2]!.get('offset')).toBe('20_4');
  });

  it('says how far it is behind, as the server told with the last answer', async () => {
    const sink = new MemorySink();
    const at = (head: string, ...given: Parameters<typeof chunk>): Answer => {
      return (response, query) => chunk(...given)(response.setHeader('halo-head', head), query);
    };
    script = [
      at('10', 'h', '10_0', UP_TO_DATE),
      at('1000', 'h', '20_4', insert(1, true)),
      at('1000', 'h', '20_8', UP_TO_DATE),
    ];
    follow(sink);
    await eventually(() => expect(queries).toHaveLength(4));
    expect([...new Set(behind)]).toEqual([undefined, 0, 990]);
    expect(machine?.behindBytes).toBe(0);
  });

  it('invariant 7: reads on from what is stored when a later part of a transaction cannot be', async () => {
    const sink = new MemorySink();
    script = [
      chunk('h', '10_0', UP_TO_DATE),
      chunk('h', '20_4', insert(1), insert(2)),
      chunk('h', '20_8', insert(3), insert(4, true)),
      chunk('h', '20_4', insert(1), insert(2)),
      chunk('h', '20_8', insert(3), insert(4, true)),
      chunk('h', '20_8', UP_TO_DATE),
    ];
    sink.failures = 1;
    follow(sink);
    await eventually(() => expect(queries).toHaveLength(7));
    expect(queries.map((query) => query.get('offset')).slice(2, 5)).toEqual(['20_4', '10_0', '20_4']);
    expect([...sink.rows.keys()]).toHaveLength(4);
    expect(shown).toContain('refused');
  });

  it('asks again where it stands when the store could not say so', async () => {
    const sink = new MemorySink();
    script = [chunk('h', '10_0', UP_TO_DATE), chunk('h', '20_0', insert(1, true), UP_TO_DATE)];
    script.push(chunk('h', '20_0', insert(1, true), UP_TO_DATE));
    sink.failures = 3;
    follow(sink);
    await eventually(() => expect(sink.sizes).toEqual([0, 1]));
  });

  it('goes on when a token could not be kept', async () => {
    const sink = new MemorySink();
    script = [chunk('h', '10_0', insert(1), UP_TO_DATE)];
    let failures = 2;
    const session: Session = {
      ...fixedSession('token'),
      token: async () => {
        if (failures-- > 0) throw new Error('the disk is full');
        return { kind: 'token', token: 'token' };
      },
    };
    follow(sink, { session });
    await eventually(() => expect(sink.sizes).toEqual([1]));
    expect(shown).toContain('refused');
  });

  it('a nudge turns a long poll into a question, and waits again afterwards', async () => {
    const sink = new MemorySink();
    script = [chunk('h', '10_0', UP_TO_DATE), () => {}, chunk('h', '30_0', UP_TO_DATE)];
    const driver = follow(sink);
    await eventually(() => expect(queries).toHaveLength(2));
    driver.nudge();
    await eventually(() => expect(queries).toHaveLength(4));
    expect(queries.map((query) => query.get('live'))).toEqual([null, 'true', null, 'true']);
  });

  it('keeps to Retry-After although the network comes back', async () => {
    const sink = new MemorySink();
    script.push(status(503, { 'retry-after': '1' }), chunk('h', '1_0', UP_TO_DATE));
    const driver = follow(sink);
    await eventually(() => machine?.at === 'waiting');
    driver.resumed();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(queries).toHaveLength(1);
    await eventually(() => queries.length > 1);
  });

  it('shows a refusal and asks again only when something changes', async () => {
    const sink = new MemorySink();
    script = [status(403), chunk('h', '10_0', insert(1), UP_TO_DATE)];
    const driver = follow(sink);
    await eventually(() => expect(machine).toMatchObject({ shown: 'refused', error: { code: 'http_403' } }));
    expect(sink.contacts.at(-1)).not.toBe('here');
    driver.nudge();
    await eventually(() => expect(sink.sizes).toEqual([1]));
  });
});
