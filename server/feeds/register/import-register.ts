import type { Pool, Transaction } from '../../db/pool.ts';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../platform/clock.ts';
import { HaloError, isHaloError } from '../../platform/errors.ts';
import { applyItems } from '../apply-items.ts';
import type { ApplyParts, ItemChanges } from '../apply-items.ts';
import { insertPoll } from '../feed-polls.ts';
import { readItems } from '../feed-store.ts';
import type { StoredFeedItem } from '../feed-store.ts';
import type { FeedItem } from '../feed.ts';
import { inRetriedTransaction } from '../retried-transaction.ts';
import type { FeedIdentity, FeedSource } from '../source.ts';
import { UnknownTypes } from '../unknown-types.ts';
import type { RejectsFile } from './rejects-file.ts';
import type { RowItems } from './register-source.ts';
import { REJECT_REASONS } from './row.ts';
import type { RejectReason, Row } from './row.ts';
import { withoutRepeated } from './without-repeated.ts';

/** Keys of one file are kept to find those that come twice, some 100 bytes each. */
const MAX_ROWS = 5_000_000;

/** What importing needs from outside. */
export interface ImportParts extends ApplyParts {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly rejects: RejectsFile;
  /** Told after each batch. */
  readonly onProgress: (tally: ImportTally) => void;
}

/** What became of the rows so far. */
export interface ImportTally {
  rows: number;
  added: number;
  changed: number;
  unchanged: number;
  readonly rejected: Map<RejectReason, number>;
  readonly unknownTypes: UnknownTypes;
}

/** How an import ended; `isWhole` is false where it was interrupted, and the same command goes on. */
export interface ImportResult {
  readonly tally: ImportTally;
  readonly isWhole: boolean;
}

/**
 * Brings all rows of a source into Postgres, a batch in a transaction. What is there already is left alone, so it may be
 * interrupted anywhere and given again; a row with other contents becomes a new version. Rows that are there and not in the
 * file stay: a file may be a part. At `signal` it ends after the batch under way. Fails with
 * `import_no_row_usable` when nothing of the first batch can be used, and with `import_too_many_rows`. The run is
 * recorded in `feed_polls` however it ended.
 */
export async function importRegister(
  source: FeedSource<readonly Row[], RowItems>,
  parts: ImportParts,
  signal: AbortSignal,
): Promise<ImportResult> {
  const startedAt = parts.clock.now();
  const tally: ImportTally = {
    rows: 0,
    added: 0,
    changed: 0,
    unchanged: 0,
    rejected: new Map(),
    unknownTypes: new UnknownTypes(),
  };
  const record = (outcome: 'applied' | 'unchanged' | 'failed', reason: string | null) =>
    insertPoll(parts.pool, {
      id: parts.newId(),
      feed: source.identity.feed,
      startedAt,
      finishedAt: parts.clock.now(),
      outcome,
      reason,
      httpStatus: null,
      validators: { etag: null, lastModified: null },
      counts: { items: tally.rows, added: tally.added, changed: tally.changed, withdrawn: 0 },
    });
  try {
    await readAll(source, parts, tally, signal);
  } catch (error) {
    if (!signal.aborted) await record('failed', isHaloError(error) ? error.code : 'internal');
    if (!signal.aborted || error !== signal.reason) throw error;
  }
  const isWhole = !signal.aborted;
  const isNews = tally.added + tally.changed > 0;
  if (!isWhole) await record('failed', 'interrupted');
  else await record(isNews ? 'applied' : 'unchanged', null);
  return { tally, isWhole };
}

/** While Postgres writes one batch the next is read. */
async function readAll(
  source: FeedSource<readonly Row[], RowItems>,
  parts: ImportParts,
  tally: ImportTally,
  signal: AbortSignal,
): Promise<void> {
  const batches = source.fetch(signal)[Symbol.asyncIterator]();
  const keys = new Set<string>();
  const ahead = async () => {
    const read = await batches.next();
    return read.done === true ? undefined : withoutRepeated(source.items(read.value), keys);
  };
  let coming = ahead();
  try {
    for (let batch = await coming; batch !== undefined; batch = await coming) {
      coming = ahead();
      // Its error is met when its turn has come; a batch that fails before leaves it unheard.
      coming.catch(() => {});
      await takeBatch(source.identity, parts, tally, batch);
      signal.throwIfAborted();
    }
  } finally {
    await batches.return?.();
  }
}

async function takeBatch(
  identity: FeedIdentity,
  parts: ImportParts,
  tally: ImportTally,
  batch: RowItems,
): Promise<void> {
  const { rejects } = batch;
  const items = batch.items.map(({ item }) => item);
  for (const { reason } of rejects) tally.rejected.set(reason, (tally.rejected.get(reason) ?? 0) + 1);
  await parts.rejects.write(rejects);
  if (tally.rows === 0 && items.length === 0) throw nothingUsable(tally.rejected);
  const changes = await inRetriedTransaction(parts.pool, (tx) => apply(tx, identity, parts, items));
  const { added, changed, restored } = changes;
  for (const item of [...added, ...changed]) if (!item.typeIsKnown) tally.unknownTypes.add(item.rawType);
  const news = added.length + changed.length + restored.length;
  tally.rows += items.length + rejects.length;
  tally.added += added.length;
  tally.changed += changed.length + restored.length;
  tally.unchanged += items.length - news;
  if (tally.rows > MAX_ROWS)
    throw new HaloError('import_too_many_rows', `The file has more than ${MAX_ROWS} rows.`, {
      hint: 'Cut it into several; all may have the same --source.',
    });
  parts.onProgress(tally);
}

async function apply(
  tx: Transaction,
  identity: FeedIdentity,
  parts: ImportParts,
  items: readonly FeedItem[],
): Promise<ItemChanges> {
  const ids = items.map(({ sourceId }) => sourceId);
  const stored = await readItems(tx, identity.feed, ids);
  const changes = { added: [] as FeedItem[], changed: [] as FeedItem[], restored: [], withdrawnIds: [] };
  for (const item of items) {
    const known = stored.get(item.sourceId);
    if (known === undefined) changes.added.push(item);
    else if (known.withdrawn || !saysTheSame(known, item)) changes.changed.push(item);
  }
  await applyItems(tx, parts, identity, changes, stored, parts.clock.now());
  return changes;
}

/** Whether an item is stored as it is understood now: other options read the same row otherwise. */
function saysTheSame({ payload, report }: StoredFeedItem, item: FeedItem): boolean {
  if (report === null || !isDeepStrictEqual(payload, item.payload)) return false;
  const { place, type, severity, occurredAt, knownAt } = report;
  return (
    type === item.type &&
    severity === item.severity &&
    occurredAt.getTime() === item.occurredAt?.getTime() &&
    (item.knownAt === null || knownAt.getTime() === item.knownAt.getTime()) &&
    place.lat === item.place.lat &&
    place.lon === item.place.lon &&
    place.accuracyM === item.place.accuracyM
  );
}

function nothingUsable(rejected: ReadonlyMap<RejectReason, number>): HaloError {
  const reasons = [...rejected]
    .toSorted(([, a], [, b]) => b - a)
    .map(([reason, rows]) => `${rows} × ${reason} (${REJECT_REASONS[reason]})`);
  return new HaloError('import_no_row_usable', `None of the first rows can be used: ${reasons.join('; ')}.`, {
    hint: 'Check --map and --timezone. Nothing was imported.',
  });
}
