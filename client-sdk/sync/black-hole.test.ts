import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeliveryDriver } from '../outbox/delivery-driver.ts';
import type { OutboxStore, StoredMutation } from '../outbox/outbox-store.ts';
import { readBatchAnswer } from '../outbox/post-batch.ts';
import { StreamDriver } from '../streams/stream-driver.ts';
import type { StreamMachine } from '../streams/stream-machine.ts';
import type { ResumePoint, ShapeSink } from '../streams/shape-sink.ts';
import { realEnvironment } from './environment.ts';
import { createHttp } from './http.ts';
import type { HttpClient } from './http.ts';

const TEN_MINUTES_MS = 600_000;
/** By then a device is to be current after it has resumed. */
const CURRENT_WITHIN_MS = 5_000;

/** The clock is simulated; what hears of it are the real drivers, watchdogs and back-offs. */
let stop: AbortController;
let running: Promise<void> | undefined;
beforeEach(() => {
  vi.useFakeTimers();
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await vi.advanceTimersByTimeAsync(0);
  await running;
  vi.useRealTimers();
});

describe('a device in a black hole', () => {
  it.each([
    ['waits for news', true],
    ['catches up', false],
  ])(
    'is current at once after ten minutes and a resume, without a refetch, when it %s (O14)',
    async (...given) => {
      const [, startsLive] = given;
      const server = new SimulatedServer();
      if (!startsLive) server.swallows = true;
      const { shown, driver } = follow(server);
      await vi.advanceTimersByTimeAsync(100);
      expect(shown.at(-1)?.shown).toBe(startsLive ? 'live' : 'connecting');
      server.swallows = true;
      server.lsn = 50;
      await vi.advanceTimersByTimeAsync(TEN_MINUTES_MS);
      expect(shown.at(-1)?.shown).toBe('stalled');
      server.swallows = false;
      driver.resumed();
      server.http.resumed();
      await vi.advanceTimersByTimeAsync(CURRENT_WITHIN_MS);
      expect(shown.at(-1)).toMatchObject({ shown: 'live', position: { offset: '50_0' } });
      expect(server.asked.filter((offset) => offset === '-1')).toEqual([]);
      expect(server.mostAtOnce).toBe(1);
      // It goes on as before: one question that waits.
      const before = server.asked.length;
      await vi.advanceTimersByTimeAsync(10_000);
      expect(server.asked.length).toBe(before);
      expect(server.underWay).toBe(1);
    },
  );

  it.each([0, 100, 2_900, 20_000, 44_000])(
    'is current soon whenever within a request it resumes: %i ms after that began (O14)',
    async (ageMs) => {
      const server = new SimulatedServer();
      server.swallows = true;
      const { shown, driver } = follow(server);
      await vi.advanceTimersByTimeAsync(TEN_MINUTES_MS);
      const before = server.asked.length;
      while (server.asked.length === before) await vi.advanceTimersByTimeAsync(10);
      await vi.advanceTimersByTimeAsync(ageMs);
      server.swallows = false;
      driver.resumed();
      server.http.resumed();
      await vi.advanceTimersByTimeAsync(CURRENT_WITHIN_MS);
      expect(shown.at(-1)?.shown).toBe('live');
      expect(server.mostAtOnce).toBe(1);
    },
  );

  it('delivers soon after it resumes, with a batch that hangs (O14)', async () => {
    const server = new SimulatedServer();
    server.swallows = true;
    const { driver, pending } = deliver(server);
    await vi.advanceTimersByTimeAsync(TEN_MINUTES_MS);
    server.swallows = false;
    driver.online();
    server.http.resumed();
    await vi.advanceTimersByTimeAsync(CURRENT_WITHIN_MS);
    expect(pending).toEqual([]);
    expect(server.mostAtOnce).toBe(1);
  });
});

/** A server, and the network before it, which can swallow requests without a word. */
class SimulatedServer {
  readonly http: HttpClient;
  /** Offsets asked for. */
  readonly asked: string[] = [];
  swallows = false;
  lsn = 10;
  underWay = 0;
  mostAtOnce = 0;

  constructor() {
    const fetch: typeof globalThis.fetch = (input, init) => this.#fetch(input as string, init!);
    this.http = createHttp({ fetch });
  }

  async #fetch(target: string, { signal, body }: RequestInit): Promise<Response> {
    this.underWay += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.underWay);
    const url = new URL(target);
    const offset = url.searchParams.get('offset') ?? '';
    this.asked.push(offset);
    try {
      const waits = url.searchParams.get('live') === 'true' && offset === `${this.lsn}_0`;
      if (this.swallows || waits) await this.#silence(signal!, this.swallows ? undefined : 20_000);
      else await this.#silence(signal!, 30);
      return body === undefined || body === null ? this.#shape() : settled(body as string);
    } finally {
      this.underWay -= 1;
    }
  }

  /** Rejects when it is aborted; ends by itself after `ms`, if at all. */
  #silence(signal: AbortSignal, ms: number | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      const end = () => {
        clearTimeout(timer);
        reject(new Error('aborted'));
      };
      if (signal.aborted) return end();
      signal.addEventListener('abort', end, { once: true });
    });
  }

  #shape(): Response {
    const messages = [{ headers: { control: 'up-to-date', global_last_seen_lsn: String(this.lsn) } }];
    const headers = { 'electric-handle': 'h', 'electric-offset': `${this.lsn}_0` };
    return new Response(JSON.stringify(messages), { headers });
  }
}

function settled(body: string): Response {
  const { mutations } = JSON.parse(body) as { mutations: { seq: number; id: string }[] };
  const results = mutations.map(({ seq, id }) => ({
    seq,
    id,
    status: 'applied',
    replayed: false,
    txid: '1',
  }));
  return new Response(JSON.stringify({ lastSeq: mutations.at(-1)!.seq, results }));
}

function follow(server: SimulatedServer) {
  const shown: StreamMachine[] = [];
  const driver = new StreamDriver({
    url: 'http://halo.example',
    shape: { name: 'areas' },
    session: 'one',
    sink: new PositionSink(),
    environment: realEnvironment,
    get: (url, signal) => server.http.request({ method: 'GET', url, signal }),
    onState: (machine) => shown.push(machine),
  });
  running = driver.run({ phase: 'catch_up', position: { handle: 'h', offset: '10_0' } }, stop.signal);
  return { shown, driver };
}

function deliver(server: SimulatedServer) {
  const id = '01890000-0000-7000-8000-000000000001';
  const pending: StoredMutation[] = [{ seq: 1, id, type: 't', createdAt: '2026-01-01T00:00:00Z', args: {} }];
  const outbox: Pick<OutboxStore, 'pending'> = { pending: async () => [...pending] };
  const identity = { deviceId: '00000000-0000-4000-8000-000000000001', seqBase: 0 };
  const driver = new DeliveryDriver({
    outbox,
    environment: realEnvironment,
    identity: { load: async () => identity, save: async () => {} },
    async post(batch, signal) {
      const request = {
        method: 'POST',
        url: 'http://halo.example/v1/mutations',
        body: batch,
        signal,
      } as const;
      return readBatchAnswer(batch, await server.http.request(request), 0);
    },
    settle: async () => void pending.shift(),
    onState: () => {},
  });
  running = driver.run(stop.signal);
  return { driver, pending };
}

/** Keeps nothing: what is looked at is the position. */
class PositionSink implements ShapeSink {
  resume(): Promise<ResumePoint> {
    return Promise.reject(new Error('nothing has failed to be stored'));
  }
  async beginSnapshot(): Promise<void> {}
  async addToSnapshot(): Promise<void> {}
  async publishSnapshot(): Promise<boolean> {
    return true;
  }
  async apply(): Promise<void> {}
  contact(): void {}
}
