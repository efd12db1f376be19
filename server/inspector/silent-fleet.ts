import type { DeviceAnswer } from '@halo/shapes/protocol/inspector-devices.ts';

/** Fewer that are silent are people who have closed the app. */
export const LEAST_SILENT = 5;
/** Who was heard within this long was there a moment ago, in seconds. */
const LATELY_S = 3_600;
/**
 * What has one cause begins within so many seconds: a device asks at least each half minute, or each minute on the stream
 * of events, and those that are cut off at once were heard last within that time.
 */
const TOGETHER_S = 120;

/** How many of those that were there within an hour fell silent together. */
export interface SilentFleet {
  readonly silent: number;
  readonly of: number;
}

/**
 * Whether most devices fell silent together within the hour: in the same two minutes more than half of those that were
 * heard in the hour before these or since, and still are. A phone is put away after some minutes and is offline half a
 * minute later, so in an ordinary hour most that were there are silent, and each began at another time. Whoever comes back,
 * or comes anew, is one of the others.
 */
export function silentFleet(devices: readonly Pick<DeviceAnswer, Judged>[]): SilentFleet | undefined {
  const used = devices.filter((device) => device.state !== 'revoked' && !isConsole(device));
  const { silent, oldestS } = mostTogether(
    agesOf(used.filter(({ state }) => state === 'offline')).filter((age) => age <= LATELY_S),
  );
  // Counted from when it began: else the last of a busy evening would be all that the hour has, once the hour is nearly over.
  const of = agesOf(used).filter((age) => age <= oldestS + LATELY_S).length;
  return silent >= LEAST_SILENT && silent > of - silent ? { silent, of } : undefined;
}

type Judged = 'state' | 'contact' | 'knownBy' | 'user';

/** Whoever reads this is there, and says nothing of those in the field. */
function isConsole({ knownBy, user }: Pick<DeviceAnswer, Judged>): boolean {
  return knownBy === 'session' && user.role === 'operator';
}

function agesOf(devices: readonly Pick<DeviceAnswer, Judged>[]): number[] {
  return devices.flatMap(({ contact: { ageSeconds } }) => (ageSeconds === null ? [] : [ageSeconds]));
}

/** The most of some ages, in seconds, that lie within two minutes of each other. */
function mostTogether(ages: readonly number[]): { readonly silent: number; readonly oldestS: number } {
  const sorted = ages.toSorted((a, b) => a - b);
  let most = { silent: 0, oldestS: 0 };
  let first = 0;
  for (const [last, age] of sorted.entries()) {
    while (age - sorted[first]! > TOGETHER_S) first += 1;
    const silent = last - first + 1;
    if (silent > most.silent) most = { silent, oldestS: age };
  }
  return most;
}
