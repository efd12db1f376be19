import type { Overview } from '@halo/shapes/protocol/inspector.ts';

/** What the last minute said that was written down a moment ago. */
export interface LastVerdict {
  readonly verdict: Overview['verdict'];
  readonly since: Date;
}

/** Since when the verdict of now holds: what is not written down yet began now. Null where nothing was written down of late. */
export function sinceOf(verdict: Overview['verdict'], last: LastVerdict | undefined, now: Date): Date | null {
  if (last === undefined) return null;
  return last.verdict === verdict ? last.since : now;
}
