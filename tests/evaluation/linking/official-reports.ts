import { createGazetteer } from '../../../server/areas/gazetteer.ts';
import { readWindow } from '../../../server/feeds/polisen/read-window.ts';
import { HaloError } from '../../../server/platform/errors.ts';
import type { Linkable } from '../../../server/reports/linking.ts';
import { readLines } from '../../support/ndjson.ts';

/** An official report, and the name under which its source told of the event. */
export interface OfficialReport extends Linkable {
  /** Time, type and place in the source's words, with the year: the same for all that repeat one announcement. */
  readonly announcement: string;
}

/** Items that one answer may hold. */
const WINDOW = 5_000;

/** The incidents in an archive of polisen.se's events, read as the poller reads them. Fails with `archive_unreadable`. */
export function officialReports(archive: string): OfficialReport[] {
  const gazetteer = createGazetteer();
  const lines = readLines(archive);
  const reports: OfficialReport[] = [];
  for (let from = 0; from < lines.length; from += WINDOW) {
    const window = readWindow(Buffer.from(`[${lines.slice(from, from + WINDOW).join(',')}]`), gazetteer);
    if ('unreadable' in window)
      throw new HaloError('archive_unreadable', `The file ${archive} cannot be read (${window.unreadable}).`);
    for (const {
      sourceId,
      kind,
      type,
      description,
      publishedAt,
      occurredAt,
      place,
      payload,
    } of window.items) {
      if (kind !== 'incident') continue;
      const at = occurredAt ?? publishedAt;
      const name = String(payload['name']).replace(/\s+/gu, ' ').trim().toLowerCase();
      reports.push({
        id: sourceId.padStart(12, '0'),
        type,
        description,
        place,
        occurredAt: at,
        pin: null,
        register: null,
        announcement: `${at.getUTCFullYear()} ${name}`,
      });
    }
  }
  return reports;
}
