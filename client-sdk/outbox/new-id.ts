/** A clock that is set back further than this, in milliseconds, is followed; ids then begin again where it stands. */
const SET_BACK_MS = 10_000;
/** Ids of one millisecond that still rise: 12 bits count them. */
const MAX_COUNT = 0xfff;

/** Makes ids that rise. */
export interface IdMaker {
  /** A UUIDv7 (RFC 9562) of this time, in milliseconds since 1970; above the one before it, also within a millisecond. */
  next(nowMs: number): string;
}

/** @param random gives a UUIDv4, whose last 62 random bits each id takes. */
export function createIdMaker(random: () => string): IdMaker {
  let lastMs = 0;
  let count = 0;
  return {
    next(nowMs) {
      if (nowMs > lastMs || nowMs < lastMs - SET_BACK_MS) {
        lastMs = Math.max(0, nowMs);
        count = 0;
      } else if (count < MAX_COUNT) count += 1;
      else {
        lastMs += 1;
        count = 0;
      }
      const time = lastMs.toString(16).padStart(12, '0');
      return `${time.slice(0, 8)}-${time.slice(8)}-7${count.toString(16).padStart(3, '0')}${random().slice(18)}`;
    },
  };
}

/** The ids of this process, or tab. */
export const ids: IdMaker = createIdMaker(() => crypto.randomUUID());
