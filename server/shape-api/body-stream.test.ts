import { describe, expect, it } from 'vitest';
import type { ShapeBody } from '../shape-engine/shape-engine.ts';
import { bodyOf, streamOf } from './body-stream.ts';

const NEVER = new AbortController().signal;

function countingBody(pieces: number, pieceBytes: number) {
  const state = { taken: 0, released: 0 };
  const body: ShapeBody = {
    length: pieces * pieceBytes,
    bytes: null,
    async *pieces() {
      for (; state.taken < pieces;) {
        state.taken += 1;
        yield new Uint8Array(pieceBytes);
      }
    },
    release: () => void (state.released += 1),
  };
  return { body, state };
}

describe('the bytes of an answer', () => {
  it('invariant 6: go at the reader’s pace, and a reader who stalls is cut with one piece in hand', async () => {
    const { body, state } = countingBody(100, 64 * 1024);
    const reader = streamOf(body, NEVER, { stallAfterMs: 50 }).getReader();
    await reader.read();
    await reader.read();
    expect(state.taken).toBeLessThanOrEqual(3);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await expect(reader.read()).rejects.toThrow('took nothing');
    expect(state.released).toBe(1);
    expect(state.taken).toBeLessThanOrEqual(3);
  });

  it('are released when all were taken, and when the reader leaves', async () => {
    const whole = countingBody(3, 64 * 1024);
    const taken = await new Response(streamOf(whole.body, NEVER)).arrayBuffer();
    expect([taken.byteLength, whole.state.released]).toEqual([3 * 64 * 1024, 1]);
    const left = countingBody(3, 64 * 1024);
    await streamOf(left.body, NEVER).cancel();
    expect(left.state.released).toBe(1);
  });

  it('invariant 8: end when the signal does, also for a reader who goes on reading', async () => {
    const { body, state } = countingBody(100, 64 * 1024);
    const over = new AbortController();
    const reader = streamOf(body, over.signal).getReader();
    await reader.read();
    over.abort(new Error('the session has ended'));
    await expect(reader.read()).rejects.toThrow('the session has ended');
    expect([state.taken, state.released]).toEqual([1, 1]);
    await expect(streamOf(body, over.signal).getReader().read()).rejects.toThrow('the session has ended');
    expect([state.taken, state.released]).toEqual([1, 2]);
  });

  it('invariant 8: of events just end when the signal aborts, with nothing after what was given', async () => {
    const { body, state } = countingBody(100, 64 * 1024);
    const over = new AbortController();
    const reader = streamOf(body, over.signal, { whenOver: 'end' }).getReader();
    await reader.read();
    over.abort(new Error('the session has ended'));
    expect(await reader.read()).toEqual({ done: true, value: undefined });
    expect([state.taken, state.released]).toEqual([1, 1]);
  });

  it('are one piece when they are few', async () => {
    const { body, state } = countingBody(2, 100);
    expect(await bodyOf(body, NEVER)).toBeInstanceOf(Uint8Array);
    expect(state.released).toBe(1);
  });
});
