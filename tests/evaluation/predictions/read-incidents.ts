import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { createGazetteer } from '../../../server/areas/gazetteer.ts';
import { findColumns } from '../../../server/feeds/register/columns.ts';
import { openRowFile } from '../../../server/feeds/register/open-row-file.ts';
import { registerSource } from '../../../server/feeds/register/register-source.ts';
import { readWindow } from '../../../server/feeds/polisen/read-window.ts';
import type { FeedItem } from '../../../server/feeds/feed.ts';
import type { HistoryIncident } from '../../../server/predictions/history-builder.ts';
import { placeOfPoint } from '../../../server/reports/place-of-point.ts';

/** Items of an archive that are read at once. */
const WINDOW = 5_000;
/** Registers tell the block, not the door. */
const ACCURACY_M = 100;

/** The incidents of a register's file, read as an import reads them. */
export async function registerIncidents(path: string): Promise<HistoryIncident[]> {
  const file = await openRowFile(path, ',');
  const gazetteer = createGazetteer();
  const source = registerSource('evaluation', file, {
    columnOf: findColumns(file.columns, []),
    clock: undefined,
    accuracyM: ACCURACY_M,
    placeOf: (point) => placeOfPoint(gazetteer, point),
    now: new Date(),
  });
  const incidents: HistoryIncident[] = [];
  for await (const rows of source.fetch(new AbortController().signal)) {
    for (const { item } of source.items(rows).items) incidents.push(incidentOf(item));
  }
  return incidents;
}

/** The incidents of an archive of polisen.se's events, one a line, read as the poller reads them. */
export function archiveIncidents(path: string): HistoryIncident[] {
  const gazetteer = createGazetteer();
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');
  const incidents: HistoryIncident[] = [];
  for (let from = 0; from < lines.length; from += WINDOW) {
    const window = readWindow(Buffer.from(`[${lines.slice(from, from + WINDOW).join(',')}]`), gazetteer);
    if ('unreadable' in window) throw new Error(`the archive cannot be read: ${window.unreadable}`);
    for (const item of window.items) if (item.kind === 'incident') incidents.push(incidentOf(item));
  }
  return incidents;
}

function incidentOf({ type, occurredAt, publishedAt, knownAt, place }: FeedItem): HistoryIncident {
  return {
    type,
    occurredAtMs: (occurredAt ?? publishedAt).getTime(),
    knownAtMs: (knownAt ?? publishedAt).getTime(),
    lat: place.lat,
    lon: place.lon,
    region: place.region,
    municipality: place.municipality,
    isPoint: place.precision === 'point',
  };
}
