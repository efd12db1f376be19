import { restoreListSchema } from '@halo/shapes/protocol/restores.ts';

/** Whoever has not looked within this time knows by himself what he reported. */
const TOLD_FOR_MS = 14 * 24 * 3_600_000;

/** What is gone: all that was sent between two moments. */
export interface Gap {
  readonly from: Date;
  readonly to: Date;
}

/** The gap that a person is to be told of, as far as the answer of `GET /api/v1/restores` says. */
export function gapToTell(answer: unknown, nowMs: number): Gap | undefined {
  const list = restoreListSchema.safeParse(answer);
  const [newest] = list.success ? list.data.restores : [];
  if (newest === undefined) return undefined;
  const gap = { from: new Date(newest.takenAt), to: new Date(newest.restoredAt) };
  return nowMs - gap.to.getTime() < TOLD_FOR_MS ? gap : undefined;
}
