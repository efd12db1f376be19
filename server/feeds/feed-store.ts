import type { IncidentType } from '@halo/shapes/taxonomy/incident-type.ts';
import type { LocationPrecision } from '@halo/shapes/taxonomy/states.ts';
import type { Transaction } from '../db/pool.ts';
import type { ReportPlace } from '../reports/report.ts';
import type { FeedItem, FeedItemKind, FeedPayload } from './feed.ts';

/** What is needed of an item's report to tell whether it says what the item says. */
export interface StoredItemReport {
  readonly place: Pick<ReportPlace, 'lat' | 'lon' | 'precision' | 'accuracyM'>;
  readonly type: IncidentType;
  readonly severity: number;
  readonly occurredAt: Date;
  readonly knownAt: Date;
}

/** An item as it is stored, with its report if it has one. */
export interface StoredFeedItem {
  readonly id: string;
  readonly sourceId: string;
  readonly kind: FeedItemKind;
  readonly payload: FeedPayload;
  readonly version: number;
  readonly withdrawn: boolean;
  readonly reportId: string | null;
  readonly report: StoredItemReport | null;
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
  type: IncidentType | null;
  severity: number | null;
  occurred_at: Date | null;
  known_at: Date | null;
}

/** The stored items with these keys, by key. */
export async function readItems(
  tx: Transaction,
  feed: string,
  sourceIds: readonly string[],
): Promise<Map<string, StoredFeedItem>> {
  const { rows } = await tx.query<StoredFeedItemRow>(
    `SELECT i.id, i.source_id, i.kind, i.payload, i.version, i.withdrawn_at IS NOT NULL AS withdrawn,
       i.report_id, r.lat, r.lon, r.location_precision, r.accuracy_m, r.type, r.severity, r.occurred_at, r.known_at
     FROM feed_items i LEFT JOIN reports r ON r.id = i.report_id
     WHERE i.feed = $1 AND i.source_id = ANY($2::text[])`,
    [feed, sourceIds],
  );
  return new Map(rows.map((row) => [row.source_id, itemFromRow(row)]));
}

function itemFromRow(row: StoredFeedItemRow): StoredFeedItem {
  return {
    id: row.id,
    sourceId: row.source_id,
    kind: row.kind,
    payload: row.payload,
    version: row.version,
    withdrawn: row.withdrawn,
    reportId: row.report_id,
    report: reportOfRow(row),
  };
}

function reportOfRow(row: StoredFeedItemRow): StoredItemReport | null {
  const { lat, lon, location_precision: precision, accuracy_m: accuracyM } = row;
  const { type, severity, occurred_at: occurredAt, known_at: knownAt } = row;
  if (lat === null || lon === null || precision === null) return null;
  if (type === null || severity === null || occurredAt === null || knownAt === null) return null;
  return { place: { lat, lon, precision, accuracyM }, type, severity, occurredAt, knownAt };
}

/** Stores new items, and the first version of each. */
export async function insertItems(
  tx: Transaction,
  feed: string,
  added: readonly { readonly id: string; readonly reportId: string | null; readonly item: FeedItem }[],
  seenAt: Date,
): Promise<void> {
  await tx.query({
    name: 'feed_items_insert',
    text: `WITH item AS (
        INSERT INTO feed_items (id, feed, source_id, kind, raw_type, payload, version, published_at,
          occurred_at, region, municipality, first_seen_at, last_seen_at, report_id)
        SELECT id, $2, source_id, kind, raw_type, payload, 1, published_at, occurred_at, region, municipality, $3, $3, report_id
        FROM jsonb_to_recordset($1::jsonb) AS given (id uuid, source_id text, kind feed_item_kind, raw_type text, payload jsonb,
          published_at timestamptz, occurred_at timestamptz, region text, municipality text, report_id uuid)
        RETURNING id, version, payload, first_seen_at)
      INSERT INTO feed_item_versions (feed_item_id, version, payload, seen_at)
      SELECT id, version, payload, first_seen_at FROM item`,
    values: [JSON.stringify(added.map(recordOf)), feed, seenAt],
  });
}

function recordOf({
  id,
  reportId,
  item,
}: {
  readonly id: string;
  readonly reportId: string | null;
  readonly item: FeedItem;
}): Record<string, unknown> {
  return {
    id,
    source_id: item.sourceId,
    kind: item.kind,
    raw_type: item.rawType,
    payload: item.payload,
    published_at: item.publishedAt,
    occurred_at: item.occurredAt,
    region: item.place.region,
    municipality: item.place.municipality,
    report_id: reportId,
  };
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
