import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createHttp, RESUME_SILENCE_MS, SILENCE_LIMIT_MS } from './http.ts';
import type { HttpOutcome } from './http.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const REQUEST = { method: 'GET', url: 'http://halo.example/' } as const;
/** A dead connection: it answers nothing and heeds no abort. */
const never = () => new Promise<Response>(() => {});

/** Begins a request; what has become of it so far is in `outcome`. */
function ask(fetch: () => Promise<Response>, signal?: AbortSignal) {
  const http = createHttp({ fetch });
  const state: { outcome: HttpOutcome | undefined; resumed: () => void } = {
    outcome: undefined,
    resumed: () => http.resumed(),
  };
  void http
    .request({ ...REQUEST, ...(signal === undefined ? {} : { signal }) })
    .then((outcome) => (state.outcome = outcome));
  return state;
}

/** An answer whose body the test feeds. */
function slowAnswer() {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const body = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) });
  return {
    fetch: async () => new Response(body),
    feed: () => controller.enqueue(new TextEncoder().encode('x')),
    end: () => controller.close(),
  };
}

it('gives up a request that never settles, though it heeds no abort', async () => {
  const asked = ask(never);
  await vi.advanceTimersByTimeAsync(SILENCE_LIMIT_MS - 1);
  expect(asked.outcome).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(asked.outcome).toMatchObject({ kind: 'unreachable', stalled: true });
});

it('ends a request that heeds no abort when its caller says so', async () => {
  const stop = new AbortController();
  const asked = ask(never, stop.signal);
  await vi.advanceTimersByTimeAsync(10);
  stop.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect(asked.outcome).toEqual({ kind: 'aborted' });
});

it('after a resume gives up at once what has been silent, and soon what has just begun', async () => {
  const old = ask(never);
  await vi.advanceTimersByTimeAsync(RESUME_SILENCE_MS);
  old.resumed();
  await vi.advanceTimersByTimeAsync(0);
  expect(old.outcome).toMatchObject({ kind: 'unreachable', stalled: true });

  const young = ask(never);
  await vi.advanceTimersByTimeAsync(1_000);
  young.resumed();
  young.resumed();
  await vi.advanceTimersByTimeAsync(RESUME_SILENCE_MS - 1_001);
  expect(young.outcome).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(young.outcome).toMatchObject({ kind: 'unreachable', stalled: true });
});

it('after a resume leaves an answer alone that keeps coming, and allows it its pauses again', async () => {
  const answer = slowAnswer();
  const asked = ask(answer.fetch);
  for (let fed = 0; fed < 4; fed += 1) {
    await vi.advanceTimersByTimeAsync(RESUME_SILENCE_MS - 1);
    asked.resumed();
    answer.feed();
    await vi.advanceTimersByTimeAsync(0);
  }
  await vi.advanceTimersByTimeAsync(SILENCE_LIMIT_MS - 1);
  answer.end();
  await vi.advanceTimersByTimeAsync(0);
  expect(asked.outcome).toMatchObject({ kind: 'answered', text: 'xxxx' });
});
