import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isHaloError } from '../platform/errors.ts';
import { AnswerMemory } from './answer-memory.ts';

const MAX_BYTES = 100;

describe('answers in memory', () => {
  it('invariant 6: stay within their bound whoever stalls, and count nothing once all is let go of', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('send' as const), size: fc.integer({ min: 1, max: 60 }) }),
      fc.record({
        do: fc.constant('keep' as const),
        owner: fc.nat(4),
        size: fc.integer({ min: 1, max: 60 }),
      }),
      fc.record({ do: fc.constant('send kept' as const), owner: fc.nat(4) }),
      fc.record({ do: fc.constant('release' as const), at: fc.nat(9) }),
      fc.record({ do: fc.constant('forget' as const), owner: fc.nat(4) }),
    );
    const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const memory = new AnswerMemory<Buffer>(MAX_BYTES);
      const owners = Array.from({ length: 5 }, () => ({}));
      const sent: { bytes: Buffer; release: () => void }[] = [];
      const send = (bytes: Buffer) => {
        const inFlight = new Set([...sent.map((each) => each.bytes), bytes]);
        const needed = [...inFlight].reduce((sum, { length }) => sum + length, 0);
        try {
          sent.push({ bytes, release: memory.send(bytes) });
        } catch (error) {
          // Never refused for the sake of what is only kept.
          expect([isHaloError(error, 'busy'), needed > MAX_BYTES]).toEqual([true, true]);
        }
      };
      for (const each of steps) {
        switch (each.do) {
          case 'send':
            send(Buffer.alloc(each.size));
            break;
          case 'keep': {
            const bytes = Buffer.alloc(each.size);
            memory.keep(owners[each.owner]!, bytes, bytes);
            break;
          }
          case 'send kept': {
            const bytes = memory.recall(owners[each.owner]!);
            if (bytes !== undefined) send(bytes);
            break;
          }
          case 'release':
            // A second release does nothing.
            for (const { release } of sent.splice(each.at, 1)) [release, release].forEach((call) => call());
            break;
          case 'forget':
            memory.forget(owners[each.owner]!);
            break;
        }
        const held = new Set(sent.map(({ bytes }) => bytes));
        for (const owner of owners) {
          const kept = memory.recall(owner);
          if (kept !== undefined) held.add(kept);
        }
        expect(memory.bytes).toBe([...held].reduce((sum, { length }) => sum + length, 0));
        expect(memory.bytes).toBeLessThanOrEqual(MAX_BYTES);
      }
      for (const { release } of sent) release();
      for (const owner of owners) memory.forget(owner);
      expect(memory.bytes).toBe(0);
    });
    fc.assert(property, { numRuns: 300 });
  });

  it('drops the kept answer that was unused for longest', () => {
    const memory = new AnswerMemory<string>(MAX_BYTES);
    const [a, b, c] = [{}, {}, {}];
    memory.keep(a, 'a', Buffer.alloc(40));
    memory.keep(b, 'b', Buffer.alloc(40));
    memory.recall(a);
    memory.keep(c, 'c', Buffer.alloc(40));
    expect([a, b, c].map((owner) => memory.recall(owner))).toEqual(['a', undefined, 'c']);
  });

  it('takes one answer of any size when there is no other', () => {
    const memory = new AnswerMemory<string>(MAX_BYTES);
    const release = memory.send(Buffer.alloc(500));
    expect(() => memory.send(Buffer.alloc(1))).toThrow('at once');
    release();
    expect(memory.bytes).toBe(0);
  });
});
