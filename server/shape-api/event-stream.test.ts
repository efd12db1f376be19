import type { Offset } from '@halo/shapes/protocol/offset.ts';
import { describe, expect, it } from 'vitest';
import { HaloError } from '../platform/errors.ts';
import type { ShapeAnswer } from '../shape-engine/shape-engine.ts';
import { fromReader } from '../shape-engine/log-offset.ts';
import { eventStream } from './event-stream.ts';
import type { EventStreamOptions } from './event-stream.ts';
import { eventsOf } from './events.ts';

type Messages = Extract<ShapeAnswer, { kind: 'messages' }>;

const at = (lsn: number): Offset => ({ kind: 'log', lsn: BigInt(lsn), op: 'end' });

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let i = 0; i < bytes.length; i += size) yield bytes.subarray(i, i + size);
}

async function read(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/** Answers, and how many of their bodies are not released. */
function answers() {
  const open = new Set<object>();
  const answer = (lsn: number, messages: readonly object[]): Messages => {
    const text = JSON.stringify(messages);
    const body = {
      length: text.length,
      bytes: null,
      pieces: () => inPieces(text, 7),
      release: () => void open.delete(body),
    };
    open.add(body);
    const common = { kind: 'messages', handle: 'h', schema: '{}', upToDate: true, snapshot: null } as const;
    const hasMessages = messages.length > 0;
    return { ...common, offset: at(lsn), hasData: hasMessages, hasMessages, body };
  };
  return { answer, open };
}

const never = new AbortController().signal;
const rest: Omit<EventStreamOptions, 'first' | 'read'> = {
  admit: () => Promise.resolve(),
  signal: never,
  over: never,
  done: () => {},
};

/** A wait that nothing ends but its signal. */
const waiting = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('left'))));

describe('events', () => {
  const messages = [{ value: { a: '}],[{"\\"\n' } }, { headers: { é: '{"' } }, { value: {} }];

  it.each([1, 2, 3, 5, 64, 10_000])(
    'are an answer’s messages, whatever pieces of %i bytes hold',
    async (size) => {
      const expected = messages.map((message) => `data: ${JSON.stringify(message)}\n\n`).join('');
      expect(await read(eventsOf(inPieces(JSON.stringify(messages), size)))).toBe(expected);
      expect(await read(eventsOf(inPieces('[]', size)))).toBe('');
    },
  );

  it('invariant 6: name the byte after a position, so that Electric’s client doubles nothing when it comes back', async () => {
    // The log's position may be any byte before the next record.
    for (const position of [16, 17, 23]) {
      const upToDate = `[{"headers":{"control":"up-to-date","global_last_seen_lsn":"${position}"}}]`;
      expect(await read(eventsOf(inPieces(upToDate, 4)))).toBe(
        'data: {"headers":{"control":"up-to-date","global_last_seen_lsn":"17"}}\n\n',
      );
    }
    expect(fromReader({ kind: 'log', lsn: 17n, op: 0 })).toEqual({ kind: 'log', lsn: 16n, op: 'end' });
    expect(fromReader({ kind: 'log', lsn: 24n, op: 0 })).toEqual({ kind: 'log', lsn: 24n, op: 0 });
  });
});

describe('a stream of events', () => {
  it('goes on from the last answer, and just ends when there is no next one', async () => {
    const { answer, open } = answers();
    const next = [answer(16, []), answer(24, [{ n: 2 }]), { kind: 'must_refetch', handle: 'other' } as const];
    const asked: Offset[] = [];
    const stream = eventStream({
      ...rest,
      first: answer(8, [{ n: 1 }]),
      read: (offset) => {
        asked.push(offset);
        return Promise.resolve(next.shift()!);
      },
    });
    expect(await read(stream)).toBe('data: {"n":1}\n\ndata: {"n":2}\n\n');
    expect(asked).toEqual([at(8), at(16), at(24)]);
    expect(open.size).toBe(0);
  });

  it('says that it is there, and ends when its time is over', async () => {
    const { answer, open } = answers();
    let left = false;
    const read_ = (_: Offset, signal: AbortSignal) => {
      signal.addEventListener('abort', () => (left = true));
      return waiting(signal);
    };
    const timing = { keepAliveMs: 20, endAfterMs: 1_000 };
    const stream = eventStream({ ...rest, ...timing, first: answer(8, []), read: read_ });
    expect(await read(stream)).toMatch(/^(: keep-alive\n\n)+$/);
    expect(left).toBe(true);
    expect(open.size).toBe(0);
  });

  it('invariant 8: sends nothing that came after its reader lost his access, and is cut when that ends', async () => {
    const { answer, open } = answers();
    const admit = () => Promise.reject(new HaloError('forbidden', 'no', { status: 403 }));
    const refused = eventStream({
      ...rest,
      admit,
      first: answer(8, []),
      read: () => Promise.resolve(answer(16, [{ n: 1 }])),
    });
    expect(await read(refused)).toBe('');
    const over = new AbortController();
    let done = 0;
    const cut = eventStream({
      ...rest,
      over: over.signal,
      signal: over.signal,
      done: () => (done += 1),
      first: answer(8, [{ n: 1 }]),
      read: (_, signal) => waiting(signal),
    });
    setTimeout(() => over.abort(new Error('over')), 20);
    expect(await read(cut)).toContain(`"n":1`);
    expect(done).toBe(1);
    expect(open.size).toBe(0);
  });

  it('gives everything back when its reader leaves in the middle of an answer', async () => {
    const { answer, open } = answers();
    let done = 0;
    const first = answer(8, [{ n: 1 }, { n: 2 }, { n: 3 }]);
    const stream = eventStream({
      ...rest,
      done: () => (done += 1),
      first,
      read: (_, signal) => waiting(signal),
    });
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel();
    expect(done).toBe(1);
    expect(open.size).toBe(0);
    const unread = eventStream({ ...rest, first: answer(8, [{ n: 1 }]), read: (_, s) => waiting(s) });
    await unread.cancel();
    expect(open.size).toBe(0);
  });
});
