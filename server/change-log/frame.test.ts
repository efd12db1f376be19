import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame, FRAME_KINDS } from './frame.ts';

const payload = Buffer.from('what was committed');
const frame = encodeFrame(FRAME_KINDS.piece, payload);

describe('frame', () => {
  it('is read as it was written, wherever it lies', () => {
    const bytes = Buffer.concat([Buffer.from('before'), frame, Buffer.from('after')]);
    expect(decodeFrame(bytes, 6)).toEqual({
      frame: { kind: FRAME_KINDS.piece, payload },
      end: 6 + frame.length,
    });
  });

  it('invariant 4: is partial when any of its end is missing', () => {
    for (let length = 0; length < frame.length; length += 1) {
      expect(decodeFrame(frame.subarray(0, length), 0)).toBe('partial');
    }
  });

  it('invariant 4: is never taken for whole when a bit of it has changed', () => {
    fc.assert(
      fc.property(fc.nat(frame.length - 1), fc.nat(7), (at, bit) => {
        const bytes = Buffer.from(frame);
        bytes[at]! ^= 1 << bit;
        expect(['partial', 'damaged']).toContain(decodeFrame(bytes, 0));
      }),
    );
  });

  it('is damaged when the file goes on in zeros or is of an unknown kind', () => {
    expect(decodeFrame(Buffer.alloc(64), 0)).toBe('damaged');
    expect(decodeFrame(encodeFrame(9 as never, payload), 0)).toBe('damaged');
  });
});
