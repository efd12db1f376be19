import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { uuidv7 } from 'uuidv7';
import { createGazetteer } from '../../server/areas/gazetteer.ts';
import { seedAreas } from '../../server/areas/seed-areas.ts';
import type { Pool } from '../../server/db/pool.ts';
import { createPoller } from '../../server/feeds/polisen/poller.ts';
import type { Poller, PollerParts } from '../../server/feeds/polisen/poller.ts';
import { UnknownTypes } from '../../server/feeds/unknown-types.ts';
import { createLogger } from '../../server/platform/logger.ts';
import { createReportWriter } from '../../server/reports/report-writer.ts';
import { sharedPath } from '../support/shared-data.ts';

/** An event as the feed has it. */
export interface RawEvent {
  readonly id: number;
  readonly datetime: string;
  readonly name: string;
  readonly summary: string;
  readonly url: string;
  readonly type: string;
  readonly location: { readonly name: string; readonly gps: string };
}

/** One entry of the recorded snapshots' manifest. */
export interface ManifestEntry {
  readonly file: string;
  readonly committed_at: string;
  readonly kind: 'full' | 'empty';
  readonly new?: readonly number[];
  readonly changed?: readonly number[];
  readonly removed_mid_window?: readonly number[];
}

/** The manifest of the 44 recorded snapshots. */
export function readManifest(): ManifestEntry[] {
  const text = readFileSync(sharedPath('data', 'polisen', 'snapshots', 'manifest.json'), 'utf8');
  return JSON.parse(text) as ManifestEntry[];
}

/** The bytes of one recorded answer. */
export function readSnapshot(folder: string, file: string): Buffer {
  return gunzipSync(readFileSync(sharedPath('data', 'polisen', folder, file)));
}

/** Names of the recorded answers of a folder, in their order. */
export function snapshotFiles(folder: string): string[] {
  return readdirSync(sharedPath('data', 'polisen', folder))
    .filter((name) => name.endsWith('.json.gz'))
    .toSorted();
}

/** A feed on a real HTTP server that answers what the test sets. */
export interface FeedServer {
  readonly url: string;
  /** Headers of the requests so far. */
  readonly requests: IncomingHttpHeaders[];
  /** Answers from now on; a request that names the ETag or the date that it is served with gets 304. */
  serve(body: Buffer | string, options?: FeedAnswerOptions): void;
}

interface FeedAnswerOptions {
  readonly status?: number;
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
  readonly delayMs?: number;
}

/** Starts a feed server for the running test. */
export async function useFeedServer(): Promise<FeedServer> {
  let current: (FeedAnswerOptions & { body: Buffer }) | undefined;
  const requests: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    requests.push(request.headers);
    if (current === undefined) return void response.writeHead(503).end();
    const { body, status = 200, etag, lastModified, delayMs = 0 } = current;
    if (etag !== undefined) response.setHeader('etag', etag);
    if (lastModified !== undefined) response.setHeader('last-modified', lastModified);
    const { 'if-none-match': knownTag, 'if-modified-since': knownDate } = request.headers;
    if (
      (etag !== undefined && knownTag === etag) ||
      (lastModified !== undefined && knownDate === lastModified)
    )
      return void response.writeHead(304).end();
    response.writeHead(status, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    setTimeout(() => response.end(gzipSync(body)), delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/events`,
    requests,
    serve(body, options = {}) {
      current = { ...options, body: Buffer.from(body) };
    },
  };
}

/** A clock that a test sets. */
export function settableClock(iso: string): { now: () => Date; set: (iso: string) => void } {
  let present = new Date(iso);
  return { now: () => present, set: (next) => (present = new Date(next)) };
}

/** What a poller needs, on a database with its areas. */
export async function pollerParts(
  pool: Pool,
  url: string,
  clock: PollerParts['clock'],
): Promise<PollerParts> {
  const gazetteer = createGazetteer();
  await seedAreas(pool, gazetteer);
  return {
    url,
    pool,
    gazetteer,
    reports: createReportWriter({ newId: uuidv7 }),
    unknownTypes: new UnknownTypes(),
    newId: uuidv7,
    clock,
    logger: createLogger('silent'),
    fetch,
    version: '0.0.0-test',
  };
}

/** A poller of its own; see `pollerParts`. */
export async function makePoller(pool: Pool, url: string, clock: PollerParts['clock']): Promise<Poller> {
  return createPoller(await pollerParts(pool, url, clock));
}

/** What Postgres holds of the feed, by key. */
export interface StoredState {
  readonly ids: number[];
  readonly withdrawn: number[];
  readonly versions: Map<number, number>;
  readonly payloads: Map<number, unknown>;
}

/** Reads back all items. */
export async function readState(pool: Pool): Promise<StoredState> {
  const { rows } = await pool.query<{ id: string; gone: boolean; versions: number; payload: unknown }>(
    `SELECT i.source_id AS id, i.withdrawn_at IS NOT NULL AS gone, i.payload,
       (SELECT count(*)::integer FROM feed_item_versions v WHERE v.feed_item_id = i.id) AS versions
     FROM feed_items i ORDER BY i.source_id::bigint`,
  );
  return {
    ids: rows.map(({ id }) => Number(id)),
    withdrawn: rows.filter(({ gone }) => gone).map(({ id }) => Number(id)),
    versions: new Map(rows.map(({ id, versions }) => [Number(id), versions])),
    payloads: new Map(rows.map(({ id, payload }) => [Number(id), payload])),
  };
}
