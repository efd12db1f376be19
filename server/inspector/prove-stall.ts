import type { DeviceReason } from '@halo/shapes/protocol/inspector-devices.ts';
import type { DeviceFacts, ShapeFacts } from './judge-device.ts';

/** Who has not asked for anything within this time may be asleep, in milliseconds. */
export const AWAKE_MS = 120_000;

/** A device that is there and gets no further. */
export interface Stall {
  readonly reason: Extract<DeviceReason, 'no_progress' | 'outbox_stuck'>;
  /** The shape that it gets no further in. */
  readonly shape: string | undefined;
  readonly sinceMs: number;
}

/**
 * Whether a device is proved to have got no further for this long, in milliseconds. What counts is what it asked when it had
 * been owed something all that while: whoever sleeps, or has no network, asks nothing, and proves nothing either way. After a
 * silence of two minutes it is another beginning, so that nobody is blamed for having slept.
 *
 * @param isNamed it is a client that names its device; others may well ask for a whole shape again and again
 */
export function proveStall(facts: DeviceFacts, isNamed: boolean, forMs: number): Stall | undefined {
  const { nowMs, ended, heardMs, unbrokenMs, head, shapes, stuckMs } = facts;
  if (ended !== undefined || nowMs - heardMs > AWAKE_MS) return undefined;
  for (const shape of shapes) {
    const sinceMs = owedSinceMs(shape, isNamed, head.kind === 'known');
    if (sinceMs !== undefined && shape.askedMs - sinceMs >= forMs)
      return { reason: 'no_progress', shape: shape.shape, sinceMs };
  }
  if (stuckMs === undefined) return undefined;
  const sinceMs = Math.max(stuckMs, unbrokenMs);
  return heardMs - sinceMs >= forMs ? { reason: 'outbox_stuck', shape: undefined, sinceMs } : undefined;
}

/** Since when it has asked from one place, and there has been more. */
function owedSinceMs(
  { phase, movedMs, passedMs, looks }: ShapeFacts,
  isNamed: boolean,
  isHeadKnown: boolean,
): number | undefined {
  if (looks) return undefined;
  if (phase === 'snapshot') return isNamed ? movedMs : undefined;
  // Where its instance lags, it is not the device that does not get on; that has an alert of its own.
  if (!isHeadKnown || passedMs === undefined) return undefined;
  return Math.max(passedMs, movedMs);
}
