import { compareLogOffsets } from '@halo/shapes/protocol/offset.ts';
import { isHaloError } from '../platform/errors.ts';
import type { Gate } from '../platform/gate.ts';
import { sleep } from '../platform/sleep.ts';
import { ChangeFrames } from './change-frames.ts';
import type { IncidentLog } from './incident-log.ts';
import type { LogPlace } from './shape-log.ts';
import type { Subscription } from './subscription.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Wire } from './wire.ts';

/** How long to wait after the engine had too much to do, in milliseconds. */
const BUSY_MS = 500;

export interface CatchUpParts {
  readonly log: Pick<IncidentLog, 'read'>;
  /** Bounds how many parts of the log are in memory at once. */
  readonly gate: Gate;
  /** Up to where live subscriptions were told; undefined while that is not known. */
  readonly told: () => LogPlace | undefined;
}

export type CatchUpOutcome = 'live' | 'closed' | 'must_refetch' | 'out_of_bounds';

/**
 * Tells subscriptions what lies between `place` and what live ones were told, at the pace of the socket, and makes them live.
 * A socket that takes nothing holds no part of the log: where it was is read again when there is room.
 */
export async function catchUp<Owner>(
  { log, gate, told }: CatchUpParts,
  wire: Pick<Wire, 'sendEncoded' | 'full' | 'closing' | 'whenDrained'>,
  subscriptions: Subscriptions<Owner>,
  { behind, place }: { readonly behind: readonly Subscription<Owner>[]; readonly place: LogPlace },
  signal: AbortSignal,
): Promise<CatchUpOutcome> {
  let at = place;
  /** Reads and tells one part; undefined when there is more. */
  const step = async (): Promise<CatchUpOutcome | undefined> => {
    const reading = await log.read(at, false, signal);
    if (reading.kind !== 'part') return reading.kind;
    for (const change of reading.changes) {
      const matches = subscriptions.matches(behind, change);
      if (matches.length > 0) wire.sendEncoded(new ChangeFrames(change).of(matches));
      at = { ...at, offset: change.offset };
      if (wire.full || wire.closing) return undefined;
    }
    at = { ...at, offset: reading.end };
    const live = told();
    // From here to their being live nothing is awaited: what is told next is told to them, too.
    if (!reading.upToDate || live === undefined || compareLogOffsets(at.offset, live.offset) < 0) {
      return undefined;
    }
    subscriptions.goLive(behind, at.offset);
    return 'live';
  };
  for (;;) {
    await wire.whenDrained();
    // What live subscriptions were told may be ahead of what can be read, for a moment in which others need their turn.
    await new Promise((resolve) => setImmediate(resolve));
    if (wire.closing || signal.aborted) return 'closed';
    // Nobody is left to be told: who ends his subscriptions has no part of the log read for them.
    if (subscriptions.present(behind).length === 0) return 'live';
    try {
      // A place ahead of all that is known is waited for, by the engine, for many seconds; that must not keep others out.
      const live = told();
      const isAhead = live !== undefined && compareLogOffsets(at.offset, live.offset) > 0;
      const outcome = await (isAhead ? step() : gate.run(step));
      if (outcome !== undefined) return outcome;
    } catch (error) {
      if (signal.aborted) return 'closed';
      if (!isHaloError(error, 'busy') && !isHaloError(error, 'replication_behind')) throw error;
      await sleep(BUSY_MS, signal);
    }
  }
}
