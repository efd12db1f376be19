import type { Pool, Transaction } from '../../db/pool.ts';
import type { Clock } from '../../platform/clock.ts';
import { applyItems } from '../apply-items.ts';
import type { ApplyParts } from '../apply-items.ts';
import { insertPoll, latestBelievable, NO_ITEMS } from '../feed-polls.ts';
import type { FeedPoll, WindowCounts } from '../feed-polls.ts';
import { markSeen, readItems } from '../feed-store.ts';
import { readKnownWindow, writeKnownWindow } from '../feed-windows.ts';
import type { FeedWindow, KnownWindow } from '../feed.ts';
import { inRetriedTransaction } from '../retried-transaction.ts';
import { diffWindow } from './diff-window.ts';
import { POLISEN } from './polisen-source.ts';
import { judgeWindow, typeCountOf } from './window-health.ts';

/** What came of a window that could be read. */
export interface TakenWindow {
  readonly outcome: 'applied' | 'unchanged' | 'anomalous';
  /** A stable code when anomalous, else null. */
  readonly reason: string | null;
  readonly counts: WindowCounts;
  /** Of each new item, and each with new contents, whose type the taxonomy lacks: the source's type. */
  readonly unknownTypes: readonly string[];
}

/** What taking a window needs from outside. */
export interface TakeParts extends ApplyParts {
  readonly pool: Pool;
  readonly clock: Clock;
}

/**
 * Advisory key under which windows are applied one after the other: "F" in its top byte. It is smaller than
 * every key of the reports, and so taken before them.
 */
const WINDOW_LOCK = 0x46n << 56n;

/**
 * Judges a window against the last healthy one and applies it, all in one transaction that also writes the
 * poll's record: after a crash the same window is applied again as if for the first time. An anomalous window
 * writes nothing at all. A deadlock or a serialization failure is tried again.
 */
export async function takeWindow(
  parts: TakeParts,
  start: Pick<FeedPoll, 'id' | 'feed' | 'startedAt'>,
  window: FeedWindow,
  trace: Pick<FeedPoll, 'httpStatus' | 'validators'>,
): Promise<TakenWindow> {
  return inRetriedTransaction(parts.pool, async (tx) => {
    const taken = await take(tx, parts, start, window);
    const finishedAt = new Date(Math.max(parts.clock.now().getTime(), start.startedAt.getTime()));
    if (taken.outcome !== 'anomalous') await insertPoll(tx, { ...start, ...trace, ...taken, finishedAt });
    return taken;
  });
}

async function take(
  tx: Transaction,
  parts: TakeParts,
  { feed, startedAt }: Pick<FeedPoll, 'feed' | 'startedAt'>,
  window: FeedWindow,
): Promise<TakenWindow> {
  await tx.query('SELECT pg_advisory_xact_lock($1)', [WINDOW_LOCK]);
  const known = believed(await readKnownWindow(tx, feed), parts.clock.now());
  if (known !== undefined && known.seenAt > startedAt) return anomalous('overtaken');
  const health = judgeWindow(window, known, startedAt);
  if (!health.healthy) return anomalous(health.reason);

  const ids = new Set([...window.presentIds, ...(known?.sourceIds ?? [])]);
  const stored = await readItems(tx, feed, [...ids]);
  const diff = diffWindow(window, health.full, stored, known);
  await applyItems(tx, parts, POLISEN, diff, stored, startedAt);
  await markSeen(tx, feed, window.presentIds, startedAt);
  // Items hidden in this answer would be lost from the order, and with it their later withdrawal.
  if (!window.hidesIds || known === undefined)
    await writeKnownWindow(tx, feed, {
      sourceIds: window.presentIds,
      typeCount: typeCountOf(window),
      seenAt: startedAt,
    });
  const counts = {
    items: window.items.length,
    added: diff.added.length,
    changed: diff.changed.length,
    withdrawn: diff.withdrawnIds.length,
  };
  const isNews = counts.added + counts.changed + counts.withdrawn + diff.restored.length > 0;
  const unknownTypes = [...diff.added, ...diff.changed]
    .filter(({ typeIsKnown }) => !typeIsKnown)
    .map(({ rawType }) => rawType);
  return { outcome: isNews ? 'applied' : 'unchanged', reason: null, counts, unknownTypes };
}

/**
 * A window from the future was taken while some instance's clock was wrong. Its order still proves what is withdrawn,
 * but its time is not known: it counts as long ago, or it would overtake every window until that time has come.
 */
function believed(known: KnownWindow | undefined, now: Date): KnownWindow | undefined {
  if (known === undefined || known.seenAt <= latestBelievable(now)) return known;
  return { ...known, seenAt: new Date(0) };
}

function anomalous(reason: string): TakenWindow {
  return { outcome: 'anomalous', reason, counts: NO_ITEMS, unknownTypes: [] };
}
