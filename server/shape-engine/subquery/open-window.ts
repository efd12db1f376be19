import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangeLog } from '../../change-log/change-log.ts';
import type { Pool } from '../../db/pool.ts';
import { replicationBehind } from '../barrier.ts';
import type { Barriers } from '../barrier.ts';
import type { Dispatcher } from '../dispatcher.ts';
import { hasSeen } from '../has-seen.ts';
import { endOf } from '../log-offset.ts';
import type { TableSchema } from '../table-schema.ts';
import type { Visibility } from '../visibility.ts';
import { openBase } from './base.ts';
import type { ShapePlan } from './plan.ts';
import type { QueryState } from './query-state.ts';
import type { ShapeTransaction } from './transaction.ts';
import { Window } from './window.ts';

/** Between commit and visibility there is a moment; so long and so often a window waits for it to pass. */
const RETRY_AFTER_MS = 5;
const ATTEMPTS = 200;

export interface WindowContext {
  readonly pool: Pool;
  readonly changeLog: ChangeLog;
  readonly barriers: Barriers;
  readonly dispatcher: Dispatcher;
  readonly signal: AbortSignal;
}

export interface WindowRequest {
  readonly plan: ShapePlan;
  readonly isCurrent: (tables: readonly TableSchema[]) => boolean;
  readonly states: readonly QueryState[];
  /** LSN up to which the shape was followed. */
  readonly after: bigint;
  /** The shape's transactions after that, up to `until`. */
  readonly pending: (until: bigint) => readonly ShapeTransaction[];
}

/** Transactions up to `until` that are followed upon one Postgres snapshot. */
export interface OpenedWindow {
  readonly rows: Window;
  readonly until: bigint;
  readonly seen: Visibility;
  /** `failed` where what was asked of it may not have been read to its end. */
  close(failed?: Error): Promise<void>;
}

/**
 * Takes a Postgres snapshot that has seen all that was followed, and waits until everything that it has seen is among
 * the pending transactions: after a barrier, written when it was there already, as with any snapshot.
 */
export async function openWindow(context: WindowContext, request: WindowRequest): Promise<OpenedWindow> {
  const { pool, changeLog, barriers, dispatcher, signal } = context;
  const { plan, isCurrent, states, after, pending } = request;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    signal.throwIfAborted();
    const base = await openBase(pool, plan, isCurrent);
    try {
      if (await hasSeen(changeLog, base.seen, endOf(after))) {
        await barriers.pass(signal);
        const until = changeLog.position();
        await dispatcher.whenReached(until, signal);
        signal.throwIfAborted();
        const rows = new Window(base, states, pending(until));
        return { rows, until, seen: base.seen, close: (failed) => base.close(failed) };
      }
    } catch (error) {
      await base.close(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
    await base.close();
    await sleep(RETRY_AFTER_MS);
  }
  throw replicationBehind();
}
