import type { DeviceReason, DeviceState } from '@halo/shapes/protocol/inspector-devices.ts';

/** A long poll lasts 20 s; who has not asked again so much later is not there. */
export const DUE_MS = 28_000;
/** A stream of events lasts 60 s, in which nothing is asked. */
export const EVENTS_DUE_MS = 68_000;
/** A reader that lacks something and is well is given it, or asks from further on, within a long poll; that is written down a little later. */
const PROGRESS_WITHIN_MS = 45_000;
/** Under load a reader that is well asks for the rest of the news now and then; one that does for this long is behind. */
const CATCHING_UP_MS = 20_000;
/** What a device asks for besides its first request is written down this much later at most. */
const WRITTEN_LATE_MS = 15_000;
/** Entries that wait this long, on a device that is there, are stuck. */
const OUTBOX_WITHIN_MS = 120_000;

/** Whether the end of the log, by which devices are measured, is that of the database. */
export type HeadKnowledge =
  | { readonly kind: 'known' }
  /** The log lacks WAL, and gets on. */
  | { readonly kind: 'late'; readonly sinceMs: number }
  /** Nobody knows how much there is. */
  | { readonly kind: 'unknown'; readonly sinceMs: number }
  /** Another server has the log. */
  | { readonly kind: 'elsewhere' };

/** Where a device stands in one shape. Times in milliseconds, of one clock. */
export interface ShapeFacts {
  readonly shape: string;
  readonly phase: 'snapshot' | 'catching_up' | 'live';
  readonly askedMs: number;
  /** When it last asked from another offset than before. */
  readonly movedMs: number;
  /** When the head went past its offset; undefined where it has not, or nobody knows. */
  readonly passedMs: number | undefined;
  /** It looks now and then: that it does not ask means nothing. */
  readonly looks: boolean;
}

/** What is known of a device. */
export interface DeviceFacts {
  readonly nowMs: number;
  /** Why it may not come any more, and since when. */
  readonly ended: { readonly reason: DeviceReason; readonly sinceMs: number | undefined } | undefined;
  readonly heardMs: number;
  /** Since when it was never silent for longer than it may be. */
  readonly unbrokenMs: number;
  readonly dueMs: number;
  readonly head: HeadKnowledge;
  readonly shapes: readonly ShapeFacts[];
  /** Since when entries of its outbox wait without one having been settled; undefined where none does. */
  readonly stuckMs: number | undefined;
}

/** How a device fares. */
export interface Verdict {
  readonly state: DeviceState;
  readonly reason: DeviceReason;
  /** The shape that the reason is about. */
  readonly shape: string | undefined;
  readonly sinceMs: number | undefined;
}

/**
 * Judges by proof alone (invariant 11). A request proves that the device is there and what it has stored; that something was
 * sent to it proves nothing. Where the head is not known nobody is said to be live, and where reports stop, ages go on.
 */
export function judgeDevice(facts: DeviceFacts): Verdict {
  const { nowMs, ended, heardMs, dueMs } = facts;
  if (ended !== undefined) return verdict('revoked', ended.reason, ended.sinceMs);
  if (nowMs - heardMs > dueMs) return verdict('offline', 'no_contact', heardMs);
  return judgeHead(facts) ?? judgeReading(facts) ?? judgeOutbox(facts) ?? judgeDistance(facts);
}

function judgeHead({ head }: DeviceFacts): Verdict | undefined {
  return head.kind === 'unknown' ? verdict('stalled', 'head_unknown', head.sinceMs) : undefined;
}

/** What does not get on. */
function judgeReading({ nowMs, dueMs, shapes, unbrokenMs }: DeviceFacts): Verdict | undefined {
  if (shapes.length === 0) {
    return nowMs - unbrokenMs > dueMs ? verdict('stalled', 'reads_nothing', unbrokenMs) : undefined;
  }
  const asking = shapes.filter(({ looks }) => !looks);
  const silent = asking.find(({ askedMs }) => nowMs - askedMs > dueMs + WRITTEN_LATE_MS);
  if (silent !== undefined) return verdict('stalled', 'shape_silent', silent.askedMs, silent.shape);
  const stuck = asking.find(
    ({ phase, passedMs, movedMs }) =>
      phase !== 'snapshot' &&
      passedMs !== undefined &&
      nowMs - Math.max(passedMs, movedMs) > PROGRESS_WITHIN_MS,
  );
  if (stuck === undefined) return undefined;
  return verdict('stalled', 'no_progress', Math.max(stuck.passedMs!, stuck.movedMs), stuck.shape);
}

function judgeOutbox({ nowMs, stuckMs }: DeviceFacts): Verdict | undefined {
  const isStuck = stuckMs !== undefined && nowMs - stuckMs > OUTBOX_WITHIN_MS;
  return isStuck ? verdict('stalled', 'outbox_stuck', stuckMs) : undefined;
}

/** What gets on, and whether it has arrived. */
function judgeDistance({ nowMs, head, shapes, unbrokenMs }: DeviceFacts): Verdict {
  const snapshot = shapes.find(({ phase }) => phase === 'snapshot');
  if (snapshot !== undefined || shapes.length === 0) {
    return verdict('behind', 'reading_snapshot', snapshot?.movedMs ?? unbrokenMs, snapshot?.shape);
  }
  const late = shapes.find(
    ({ phase, passedMs, looks }) =>
      !looks &&
      passedMs !== undefined &&
      nowMs - passedMs > (phase === 'catching_up' ? CATCHING_UP_MS : PROGRESS_WITHIN_MS),
  );
  if (late !== undefined) return verdict('behind', 'catching_up', late.passedMs ?? late.movedMs, late.shape);
  if (head.kind === 'late') return verdict('behind', 'server_behind', head.sinceMs);
  return verdict('live', 'up_to_date', unbrokenMs);
}

function verdict(
  state: DeviceState,
  reason: DeviceReason,
  sinceMs: number | undefined,
  shape?: string,
): Verdict {
  return { state, reason, shape, sinceMs };
}
