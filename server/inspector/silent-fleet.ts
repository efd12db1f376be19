import type { DeviceAnswer } from '@halo/shapes/protocol/inspector-devices.ts';

/** Fewer that are silent are people who have closed the app. */
export const LEAST_SILENT = 5;
/** Who was heard within this long was there a moment ago, in seconds. */
const LATELY_S = 3_600;

/** How many of the devices that one would expect are silent. */
export interface SilentFleet {
  readonly silent: number;
  readonly of: number;
}

/**
 * Whether most devices are silent: more than half of those that were there within the hour, or every one that is known.
 * Not more than half of all: by night most phones are put away, and an alarm of each night is none. The second is for
 * the morning after, when nobody was there within the hour.
 */
export function silentFleet(devices: readonly Pick<DeviceAnswer, Judged>[]): SilentFleet | undefined {
  const used = devices.filter((device) => device.state !== 'revoked' && !isConsole(device));
  const lately = used.filter(({ contact }) => contact.ageSeconds !== null && contact.ageSeconds <= LATELY_S);
  const [silent, silentLately] = [silentOf(used), silentOf(lately)];
  if (silentLately >= LEAST_SILENT && silentLately > lately.length - silentLately)
    return { silent: silentLately, of: lately.length };
  if (silent >= LEAST_SILENT && silent === used.length) return { silent, of: silent };
  return undefined;
}

type Judged = 'state' | 'contact' | 'knownBy' | 'user';

/** Whoever reads this is there, and says nothing of those in the field. */
function isConsole({ knownBy, user }: Pick<DeviceAnswer, Judged>): boolean {
  return knownBy === 'session' && user.role === 'operator';
}

function silentOf(devices: readonly Pick<DeviceAnswer, Judged>[]): number {
  return devices.filter(({ state }) => state === 'offline').length;
}
