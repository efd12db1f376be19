import { describe, expect, it } from 'vitest';
import { Admission } from './admission.ts';

describe('the bounds on reads', () => {
  it('invariant 6: are apart for each kind, and a place is free again once it was given back', () => {
    const admission = new Admission({ initial: 1, live: 2 }, () => 0.5);
    const release = admission.take('initial');
    expect(() => admission.take('initial')).toThrowError(expect.objectContaining({ code: 'too_many_reads' }));
    admission.take('live');
    admission.take('live');
    expect(() => admission.take('live')).toThrowError(expect.objectContaining({ status: 503 }));
    release();
    release();
    expect(admission.status('initial')).toEqual({ inFlight: 0, refused: 1, limit: 1 });
    admission.take('initial');
    expect(admission.status('live')).toEqual({ inFlight: 2, refused: 1, limit: 2 });
  });

  it('spread those who are refused over several seconds', () => {
    const after = [0, 0.5, 0.999].map((dice) => {
      const admission = new Admission({ initial: 0, live: 0 }, () => dice);
      try {
        admission.take('live');
        return undefined;
      } catch (error) {
        return (error as { details: { retryAfterS: number } }).details.retryAfterS;
      }
    });
    expect(after).toEqual([2, 6, 10]);
  });
});
