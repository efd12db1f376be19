import { isDeepStrictEqual } from 'node:util';
import { takeAdvisoryLocks } from '../db/advisory-locks.ts';
import type { Transaction } from '../db/pool.ts';
import type { NewReport, ReportPlace, ReportRevision, ReportWriter } from '../reports/report.ts';
import { insertItem, markItemWithdrawn, markSeen, updateItem } from './feed-store.ts';
import type { StoredFeedItem } from './feed-store.ts';
import type { FeedItem } from './feed.ts';

/** What applying a window needs from outside. */
export interface ApplyParts {
  readonly reports: ReportWriter;
  /** Makes the id of an item or a report: a UUIDv7. */
  readonly newId: () => string;
}

/** What a window changes; see `diffWindow`. */
export interface WindowChanges {
  readonly added: readonly FeedItem[];
  readonly changed: readonly FeedItem[];
  readonly restored: readonly FeedItem[];
  readonly withdrawnIds: readonly string[];
}

/**
 * Writes what a window changes: items, versions, and the reports of those that are incidents. Locks are
 * taken for the whole window beforehand, in ascending order, so that it never waits in a circle with a
 * device's batch.
 */
export async function applyWindow(
  tx: Transaction,
  { reports, newId }: ApplyParts,
  feed: string,
  changes: WindowChanges,
  stored: ReadonlyMap<string, StoredFeedItem>,
  presentIds: readonly string[],
  seenAt: Date,
): Promise<void> {
  await takeLocks(tx, reports, changes, stored);
  for (const item of changes.added) {
    const reportId = item.kind === 'incident' ? newId() : null;
    if (reportId !== null) await reports.record(tx, newReport(reportId, item));
    await insertItem(tx, feed, { id: newId(), reportId, seenAt }, item);
  }
  for (const item of [...changes.changed, ...changes.restored]) {
    const before = existing(stored, item.sourceId);
    const reportId = await reviseReport(tx, { reports, newId }, before, item);
    const sameContents = isDeepStrictEqual(before.payload, item.payload);
    const version = sameContents ? before.version : before.version + 1;
    await updateItem(tx, { id: before.id, version, reportId }, item, seenAt);
  }
  for (const sourceId of changes.withdrawnIds) {
    const { id, reportId } = existing(stored, sourceId);
    if (reportId !== null) await reports.withdraw(tx, reportId);
    await markItemWithdrawn(tx, id, seenAt);
  }
  await markSeen(tx, feed, presentIds, seenAt);
}

async function takeLocks(
  tx: Transaction,
  reports: ReportWriter,
  { added, changed, restored, withdrawnIds }: WindowChanges,
  stored: ReadonlyMap<string, StoredFeedItem>,
): Promise<void> {
  const current = [...added, ...changed, ...restored];
  const ids = [...changed, ...restored].map(({ sourceId }) => sourceId).concat(withdrawnIds);
  const places: Pick<ReportPlace, 'lat' | 'lon' | 'precision' | 'accuracyM'>[] = [];
  for (const { kind, place } of current) if (kind === 'incident') places.push(place);
  for (const id of ids) {
    const place = stored.get(id)?.reportPlace;
    if (place !== undefined && place !== null) places.push(place);
  }
  await takeAdvisoryLocks(
    tx,
    places.flatMap((place) => reports.locks(place)),
  );
}

/** Brings the report of a known item in line with its contents; returns the report's id, if it has one now. */
async function reviseReport(
  tx: Transaction,
  { reports, newId }: ApplyParts,
  { reportId }: StoredFeedItem,
  item: FeedItem,
): Promise<string | null> {
  if (item.kind !== 'incident') {
    if (reportId !== null) await reports.withdraw(tx, reportId);
    return null;
  }
  if (reportId !== null) {
    await reports.revise(tx, reportId, revisionOf(item));
    return reportId;
  }
  const id = newId();
  await reports.record(tx, newReport(id, item));
  return id;
}

function newReport(id: string, item: FeedItem): NewReport {
  return {
    id,
    source: 'official',
    reporterId: null,
    deviceId: null,
    claimedAt: null,
    clockSuspect: false,
    register: null,
    ...revisionOf(item),
  };
}

function revisionOf(item: FeedItem): ReportRevision {
  return {
    type: item.type,
    rawType: item.rawType,
    severity: item.severity,
    occurredAt: item.occurredAt ?? item.publishedAt,
    description: item.description,
    place: item.place,
    knownAt: null,
  };
}

function existing(stored: ReadonlyMap<string, StoredFeedItem>, sourceId: string): StoredFeedItem {
  const item = stored.get(sourceId);
  if (item === undefined) throw new Error(`item ${sourceId} was compared but not read`);
  return item;
}
