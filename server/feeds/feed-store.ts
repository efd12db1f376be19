import type { Transaction } from '../db/pool.ts';
import type { LocationPrecision } from '@halo/shapes/taxonomy/states.ts';
import type { ReportPlace } from '../reports/report.ts';
import type { FeedItem, FeedItemKind, FeedPayload, KnownWindow } from './feed.ts';

/** An item as it is stored, with the place of its report if it has one. */
export interface StoredFeedItem {
  readonly id: string;
  readonly sourceId: string;
  readonly kind: FeedItemKind;
  readonly payload: FeedPayload;
  readonly version: number;
  readonly withdrawn: boolean;
  readonly reportId: string | null;
  readonly reportPlace: Pick<ReportPlace, 'lat' | 'lon' | 'precision' | 'accuracyM'> | null;
}

/** The last window that was applied; undefined before the first. */
export async function readKnownWindow(tx: Transaction, feed: string): Promise<KnownWindow | undefined> {
  const { rows } = await tx.query<{ source_ids: string[]; type_count: number; seen_at: Date }>(
    'SELECT source_ids, type_count, seen_at FROM feed_windows WHERE feed = $1',
    [feed],
  );
  const row = rows[0];
  return row && { sourceIds: row.source_ids, typeCount: row.type_count, seenAt: row.seen_at };
}

/** Keeps a window as the one that the next is judged against. */
export async function writeKnownWindow(tx: Transaction, feed: string, window: KnownWindow): Promise<void> {
  await tx.query(
    `INSERT INTO feed_windows (feed, source_ids, type_count, seen_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (feed) DO UPDATE SET source_ids = EXCLUDED.source_ids, type_count = EXCLUDED.type_count,
       seen_at = EXCLUDED.seen_at`,
    [feed, window.sourceIds, window.typeCount, window.seenAt],
  );
}

interface StoredFeedItemRow {
  id: string;
  source_id: string;
  kind: FeedItemKind;
  payload: FeedPayload;
  version: number;
  withdrawn: boolean;
  report_id: string | null;
  lat: number | null;
  lon: number | null;
  location_precision: LocationPrecision | null;
  accuracy_m: number | null;
}

/** The stored items with these keys, by key. */
export async function readItems(
  tx: Transaction,
  feed: string,
  sourceIds: readonly string[],
): Promise<Map<string, StoredFeedItem>> {
  const { rows } = await tx.query<StoredFeedItemRow>(
    `SELECT i.id, i.source_id, i.kind, i.payload, i.version, i.withdrawn_at IS NOT NULL AS withdrawn,
       i.report_id, r.lat, r.lon, r.location_precision, r.accuracy_m
     FROM feed_items i LEFT JOIN reports r ON r.id = i.report_id
     WHERE i.feed = $1 AND i.source_id = ANY($2::text[])`,
    [feed, sourceIds],
  );
  return new Map(rows.map((row) => [row.source_id, itemFromRow(row)]));
}

function itemFromRow(row: StoredFeedItemRow): StoredFeedItem {
  const { lat, lon, location_precision: precision, accuracy_m: accuracyM } = row;
  const hasPlace = lat !== null && lon !== null && precision !== null;
  return {
    id: row.id,
    sourceId: row.source_id,
    kind: row.kind,
    payload: row.payload,
    version: row.version,
    withdrawn: row.withdrawn,
    reportId: row.report_id,
    reportPlace: hasPlace ? { lat, lon, precision, accuracyM } : null,
  };
}

/** Stores a new item and its first version. */
export async function insertItem(
  tx: Transaction,
  feed: string,
  stored: { readonly id: string; readonly reportId: string | null; readonly seenAt: Date },
  item: FeedItem,
): Promise<void> {
  await tx.query({
    name: 'feed_items_insert',
    text: `WITH item AS (
        INSERT INTO feed_items (id, feed, source_id, kind, raw_type, payload, version, published_at,
          occurred_at, region, municipality, first_seen_at, last_seen_at, report_id)
        VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $10, $11, $11, $12)
        RETURNING id, version, payload, first_seen_at)
      INSERT INTO feed_item_versions (feed_item_id, version, payload, seen_at)
      SELECT id, version, payload, first_seen_at FROM item`,
    values: [
      stored.id,
      feed,
      item.sourceId,
      item.kind,
      item.rawType,
      JSON.stringify(item.payload),
      item.publishedAt,
      item.occurredAt,
      item.place.region,
      item.place.municipality,
      stored.seenAt,
      stored.reportId,
    ],
  });
}

/** Stores the newest contents of a known item, as a new version when `version` is one; it is withdrawn no more. */
export async function updateItem(
  tx: Transaction,
  stored: { readonly id: string; readonly version: number; readonly reportId: string | null },
  item: FeedItem,
  seenAt: Date,
): Promise<void> {
  await tx.query(
    `WITH item AS (
       UPDATE feed_items SET kind = $2, raw_type = $3, payload = $4, version = $5, published_at = $6,
         occurred_at = $7, region = $8, municipality = $9, report_id = $10, withdrawn_at = NULL
       WHERE id = $1 RETURNING id, version, payload)
     INSERT INTO feed_item_versions (feed_item_id, version, payload, seen_at)
     SELECT id, version, payload, $11 FROM item ON CONFLICT (feed_item_id, version) DO NOTHING`,
    [
      stored.id,
      item.kind,
      item.rawType,
      JSON.stringify(item.payload),
      stored.version,
      item.publishedAt,
      item.occurredAt,
      item.place.region,
      item.place.municipality,
      stored.reportId,
      seenAt,
    ],
  );
}

/** Marks items as withdrawn by their source. */
export async function markItemWithdrawn(tx: Transaction, id: string, at: Date): Promise<void> {
  await tx.query('UPDATE feed_items SET withdrawn_at = $2 WHERE id = $1', [id, at]);
}

/** Notes that a window showed these items. */
export async function markSeen(
  tx: Transaction,
  feed: string,
  sourceIds: readonly string[],
  at: Date,
): Promise<void> {
  await tx.query(
    `UPDATE feed_items SET last_seen_at = $3
     WHERE feed = $1 AND source_id = ANY($2::text[]) AND last_seen_at < $3`,
    [feed, sourceIds, at],
  );
}
