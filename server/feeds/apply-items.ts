import { isDeepStrictEqual } from 'node:util';
import { takeAdvisoryLocks } from '../db/advisory-locks.ts';
import type { Transaction } from '../db/pool.ts';
import { pastBefore } from '../reports/report.ts';
import type { NewReport, ReportPlace, ReportRevision, ReportWriter } from '../reports/report.ts';
import { insertItems, markItemWithdrawn, updateItem } from './feed-store.ts';
import type { StoredFeedItem } from './feed-store.ts';
import type { FeedItem } from './feed.ts';
import type { FeedIdentity } from './source.ts';

/** What applying items needs from outside. */
export interface ApplyParts {
  readonly reports: ReportWriter;
  /** Makes the id of an item or a report: a UUIDv7. */
  readonly newId: () => string;
}

/** What is news of a source, no item twice. */
export interface ItemChanges {
  /** Never seen before. */
  readonly added: readonly FeedItem[];
  /** Known, with other contents or understood otherwise. */
  readonly changed: readonly FeedItem[];
  /** Withdrawn, and there again; their contents may have changed too. */
  readonly restored: readonly FeedItem[];
  readonly withdrawnIds: readonly string[];
}

/**
 * The last step of every source: writes what is news of it, which is items, versions, and the reports of those that are
 * incidents. Locks are taken for all of it beforehand, in ascending order, so that it never waits in a circle with a
 * device's batch.
 */
export async function applyItems(
  tx: Transaction,
  parts: ApplyParts,
  source: FeedIdentity,
  changes: ItemChanges,
  stored: ReadonlyMap<string, StoredFeedItem>,
  seenAt: Date,
): Promise<void> {
  const { reports } = parts;
  await takeLocks(tx, reports, changes, stored);
  await addItems(tx, parts, source, changes.added, seenAt);
  for (const item of [...changes.changed, ...changes.restored]) {
    const before = existing(stored, item.sourceId);
    const reportId = await reviseReport(tx, parts, source, before, item, seenAt);
    const sameContents = isDeepStrictEqual(before.payload, item.payload);
    const version = sameContents ? before.version : before.version + 1;
    await updateItem(tx, { id: before.id, version, reportId }, item, seenAt);
  }
  for (const sourceId of changes.withdrawnIds) {
    const { id, reportId } = existing(stored, sourceId);
    if (reportId !== null) await reports.withdraw(tx, reportId);
    await markItemWithdrawn(tx, id, seenAt);
  }
}

async function addItems(
  tx: Transaction,
  { reports, newId }: ApplyParts,
  source: FeedIdentity,
  items: readonly FeedItem[],
  seenAt: Date,
): Promise<void> {
  if (items.length === 0) return;
  const added = items.map((item) => ({
    item,
    id: newId(),
    reportId: item.kind === 'incident' ? newId() : null,
  }));
  const recorded = added.flatMap(({ item, reportId }) =>
    reportId === null ? [] : [newReport(reportId, source, item, seenAt)],
  );
  await reports.recordAll(tx, recorded);
  await insertItems(tx, source.feed, added, seenAt);
}

async function takeLocks(
  tx: Transaction,
  reports: ReportWriter,
  { added, changed, restored, withdrawnIds }: ItemChanges,
  stored: ReadonlyMap<string, StoredFeedItem>,
): Promise<void> {
  const current = [...added, ...changed, ...restored];
  const ids = [...changed, ...restored].map(({ sourceId }) => sourceId).concat(withdrawnIds);
  const places: Pick<ReportPlace, 'lat' | 'lon' | 'precision' | 'accuracyM'>[] = [];
  for (const { kind, place } of current) if (kind === 'incident') places.push(place);
  for (const id of ids) {
    const report = stored.get(id)?.report;
    if (report !== undefined && report !== null) places.push(report.place);
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
  source: FeedIdentity,
  { reportId }: StoredFeedItem,
  item: FeedItem,
  seenAt: Date,
): Promise<string | null> {
  if (item.kind !== 'incident') {
    if (reportId !== null) await reports.withdraw(tx, reportId);
    return null;
  }
  if (reportId !== null) {
    await reports.revise(tx, reportId, revisionOf(source, item, seenAt));
    return reportId;
  }
  const id = newId();
  await reports.record(tx, newReport(id, source, item, seenAt));
  return id;
}

function newReport(id: string, source: FeedIdentity, item: FeedItem, seenAt: Date): NewReport {
  const { feed, isRegister } = source;
  return {
    id,
    source: 'official',
    reporterId: null,
    deviceId: null,
    claimedAt: null,
    clockSuspect: false,
    register: isRegister ? feed : null,
    ...revisionOf(source, item, seenAt),
  };
}

function revisionOf({ isRegister }: FeedIdentity, item: FeedItem, seenAt: Date): ReportRevision {
  const occurredAt = item.occurredAt ?? item.publishedAt;
  return {
    type: item.type,
    rawType: item.rawType,
    severity: item.severity,
    occurredAt,
    // A feed tells what is new; a register may begin years ago.
    ...(isRegister ? { past: occurredAt < pastBefore(seenAt) } : {}),
    description: item.description,
    place: item.place,
    knownAt: item.knownAt,
  };
}

function existing(stored: ReadonlyMap<string, StoredFeedItem>, sourceId: string): StoredFeedItem {
  const item = stored.get(sourceId);
  if (item === undefined) throw new Error(`item ${sourceId} was compared but not read`);
  return item;
}
